/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Which cgroup a task belongs to, as every record and table says it. Knows no maps. */
#ifndef EUNOMIA_TASK_CGROUP_BPF_H
#define EUNOMIA_TASK_CGROUP_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel/core_fixes.bpf.h"
#include "kernel/task.h"

/* The task's cgroup in the hierarchy of a controller that is on v1, or null when it is not. `subsystem` is a number of
 * the running kernel. */
static __always_inline struct cgroup *v1_cgroup(struct css_set *set, __u64 subsystem)
{
	struct cgroup_subsys_state *state = NULL;
	struct cgroup *cgroup;

	/* The index is known at load only, and CO-RE relocates constant ones: so the slot is computed. */
	bpf_probe_read_kernel(&state, sizeof(state), (char *)&set->subsys[0] + subsystem * sizeof(state));
	cgroup = BPF_CORE_READ(state, cgroup);
	return BPF_CORE_READ(cgroup, root, hierarchy_id) ? cgroup : NULL;
}

/* Where runtimes use v1 only, every task sits in the root of v2: then pids, which every runtime sets up for its
 * containers, or memory where pids is not on v1. Never the other one for a task in the root of the first: ids are
 * unique within a hierarchy only. Null for a task in the root. */
static __always_inline struct cgroup *v1_cgroup_of(struct css_set *set)
{
	struct cgroup *cgroup = NULL;

	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		cgroup = v1_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (!cgroup && bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		cgroup = v1_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	return cgroup && BPF_CORE_READ(cgroup, level) ? cgroup : NULL;
}

/* The default hierarchy (v2) says where a task is, unless it is in its root. */
static __always_inline void fill_cgroup(struct event_header *header, struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *cgroup = set->dfl_cgrp;

	header->cgroup_id = cgroup->kn->id;
	if (cgroup->level)
		return;
	cgroup = v1_cgroup_of(set);
	if (!cgroup)
		return;
	header->cgroup_id = BPF_CORE_READ(cgroup, kn, id);
	header->flags |= HEADER_CGROUP_V1;
}

/* The same cgroup as an untrusted pointer. */
static __always_inline struct cgroup *cgroup_of_task(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *cgroup = BPF_CORE_READ(set, dfl_cgrp), *v1 = NULL;

	if (!BPF_CORE_READ(cgroup, level))
		v1 = v1_cgroup_of(set);
	return v1 ? v1 : cgroup;
}

/* Its ancestor that is `level` below the root, or the cgroup itself when that is not so deep. */
static __always_inline __u64 ancestor_id(struct cgroup *cgroup, __u32 level)
{
	return (__u32)BPF_CORE_READ(cgroup, level) > level ? ancestor_id_at(cgroup, level)
							   : BPF_CORE_READ(cgroup, kn, id);
}

#endif
