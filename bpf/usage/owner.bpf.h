/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Who a table entry belongs to. */
#ifndef EUNOMIA_USAGE_OWNER_BPF_H
#define EUNOMIA_USAGE_OWNER_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/task_cgroup.bpf.h"
#include "usage/usage.h"

/* Set by the loader: the collector's own process is left out, 0 for none. */
const volatile __u32 knob_usage_ignored_pid = 0;

static __always_inline _Bool is_left_out(struct task_struct *task)
{
	return knob_usage_ignored_pid && (__u32)task->tgid == knob_usage_ignored_pid;
}

static __always_inline void fill_owner(struct usage_owner *owner, struct task_struct *task)
{
	struct event_header header = {};

	fill_cgroup(&header, task);
	owner->start_boot_ns = task->group_leader->start_boottime;
	owner->cgroup_id = header.cgroup_id;
	owner->pid = task->tgid;
	owner->flags = header.flags;
}

/* set_task_comm() pads with zeroes since 5.16 only: `comm` is all zeroes before. */
static __always_inline void fill_owner_comm(char *comm, struct task_struct *task)
{
	bpf_probe_read_kernel_str(comm, USAGE_COMM_BYTES, task->group_leader->comm);
}

#endif
