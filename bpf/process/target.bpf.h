/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The process that a call acts on, by the pid in the namespace of the caller. */
#ifndef EUNOMIA_TARGET_BPF_H
#define EUNOMIA_TARGET_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "process/facts.bpf.h"
#include "record/header.bpf.h"

/* include/uapi/linux/ptrace.h */
#define PTRACE_TRACEME 0

/* kernel/bpf/helpers.c: 6.2 for numbers of the host, 6.14 for those of the caller's namespace. */
extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym __weak;
extern struct task_struct *bpf_task_from_vpid(__s32 vpid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

static __always_inline void fill_target(struct kernel_call_event *event, struct task_struct *target)
{
	struct event_header header = {};

	fill_cgroup(&header, target);
	event->target_pid = target->tgid;
	event->target_start_boot_ns = target->group_leader->start_boottime;
	event->target_cgroup_id = header.cgroup_id;
	event->target_flags = header.flags;
	fill_comm(event->target_comm, target->group_leader);
}

/* Leaves the target out when it has ended already, and when the kernel can't find it. */
static __always_inline void find_target(struct kernel_call_event *event, struct task_struct *task, __s32 pid)
{
	struct task_struct *target;

	if (pid <= 0)
		return;
	if (pid == task->tgid && task->signal->pids[PIDTYPE_TGID]->level == 0) {
		fill_target(event, task);
		return;
	}
	if (!bpf_ksym_exists(bpf_task_release))
		return;
	if (bpf_ksym_exists(bpf_task_from_vpid))
		target = bpf_task_from_vpid(pid);
	else if (bpf_ksym_exists(bpf_task_from_pid) && task->signal->pids[PIDTYPE_TGID]->level == 0)
		target = bpf_task_from_pid(pid);
	else
		return;
	if (!target)
		return;
	fill_target(event, target);
	bpf_task_release(target);
}

#endif
