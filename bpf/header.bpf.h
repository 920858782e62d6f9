/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Fills struct event_header of a task, and says which cgroup a task belongs to. */
#ifndef EUNOMIA_HEADER_BPF_H
#define EUNOMIA_HEADER_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "event.h"
#include "kernel/task.h"
#include "maps.bpf.h"

#define NO_SYSCALL 0xffffffffu

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

/*
 * The default hierarchy (v2) says where a task is. On hosts whose runtime uses v1 only, every task sits in its root:
 * then pids is asked, which every runtime sets up for its containers, or memory where pids is not on v1. Never the
 * other one for a task in the root of the first: ids are unique within a hierarchy only.
 */
static __always_inline void fill_cgroup(struct event_header *header, struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *cgroup = set->dfl_cgrp;

	header->cgroup_id = cgroup->kn->id;
	if (cgroup->level)
		return;
	cgroup = NULL;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		cgroup = v1_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (!cgroup && bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		cgroup = v1_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	if (!cgroup || !BPF_CORE_READ(cgroup, level))
		return;
	header->cgroup_id = BPF_CORE_READ(cgroup, kn, id);
	header->flags |= HEADER_CGROUP_V1;
}

/* Everything but seq, which emit() gives. */
static __always_inline void fill_header(struct event_header *header, __u32 kind, struct task_struct *task)
{
	const struct cred *cred = task->cred;

	header->kind = kind;
	header->cpu = bpf_get_smp_processor_id();
	header->pid = task->tgid;
	header->seq = 0;
	header->boot_ns = bpf_ktime_get_boot_ns();
	header->start_boot_ns = task->group_leader->start_boottime;
	header->tid = task->pid;
	header->uid = cred->uid.val;
	header->gid = cred->gid.val;
	header->euid = cred->euid.val;
	header->egid = cred->egid.val;
	header->flags = 0;
	header->syscall = NO_SYSCALL;
	header->result = 0;
	fill_cgroup(header, task);
}

/* Events of the collector itself are left out when it asks for that: its own work would make work. */
static __always_inline _Bool is_ignored(struct task_struct *task)
{
	return reader.ignored_pid && (__u32)task->tgid == reader.ignored_pid;
}

#endif
