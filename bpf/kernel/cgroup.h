/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of control groups. */
#ifndef EUNOMIA_KERNEL_CGROUP_H
#define EUNOMIA_KERNEL_CGROUP_H
#include "kernel/begin.h"

struct kernfs_node {
	__u64 id; /* a union with ino and generation before 5.5 */
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
	struct cgroup *ancestors[1]; /* by level, 6.1 and later */
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

/* The numbers depend on the kernel's configuration: take them with bpf_core_enum_value. */
enum cgroup_subsys_id {
	memory_cgrp_id = 1,
	pids_cgrp_id = 2,
};

#include "kernel/end.h"
#endif
