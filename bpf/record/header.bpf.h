/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Fills struct event_header of a task. */
#ifndef EUNOMIA_HEADER_BPF_H
#define EUNOMIA_HEADER_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel/task.h"
#include "record/maps.bpf.h"
#include "record/task_cgroup.bpf.h"

#define NO_SYSCALL 0xffffffffu

/* Everything but seq, which emit() assigns. */
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

/* Whether the task is of that process: the same number, and it was there when the number was noted. */
static __always_inline _Bool is_process(struct task_struct *task, __u32 pid, __u64 at_ns)
{
	return pid && (__u32)task->tgid == pid && task->group_leader->start_boottime <= at_ns;
}

static __always_inline _Bool is_helper(struct task_struct *task)
{
	return is_process(task, reader.helper.pid, reader.helper.at_ns);
}

/* Events of the collector itself are left out on its request: its own work would cause more work. */
static __always_inline _Bool is_ignored(struct task_struct *task)
{
	return is_process(task, reader.own.pid, reader.own.at_ns) || is_helper(task);
}

#endif
