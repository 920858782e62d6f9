/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Fills struct task_facts: what fork, exec and the task iterator report of a process besides the header. */
#ifndef EUNOMIA_FACTS_BPF_H
#define EUNOMIA_FACTS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/core_fixes.bpf.h"
#include "record/event.h"
#include "kernel/task.h"
#include "process/executable.bpf.h"

/* The number of `pid` in the namespace of `level`; 0 when it has none there. */
static __always_inline __u32 pid_number(struct pid *pid, __u32 level)
{
	int number = 0;

	if (pid->level < level)
		return 0;
	/* A flexible array: the slot is computed, from the relocated place of the first and the relocated size of one.
	 */
	bpf_probe_read_kernel(&number, sizeof(number),
			      (char *)&pid->numbers[0] + (__u64)level * bpf_core_type_size(struct upid));
	return number;
}

static __always_inline void fill_ids(struct task_facts *facts, struct task_struct *task)
{
	struct signal_struct *signal = task->signal;
	struct pid *own = signal->pids[PIDTYPE_TGID];
	struct pid *group = signal->pids[PIDTYPE_PGID];
	__u32 innermost = own->level;

	facts->session_id = pid_number(signal->pids[PIDTYPE_SID], 0);
	facts->process_group_id = pid_number(group, 0);
	facts->namespace_pid = pid_number(own, innermost);
	facts->namespace_process_group_id = pid_number(group, innermost);
	facts->login_uid = bpf_core_field_exists(task->loginuid) ? task->loginuid.val : UNSET_ID;
}

/* tty_devnum() in drivers/tty/tty_io.c, encoded by new_encode_dev(). */
static __always_inline __u32 tty_of(struct task_struct *task)
{
	struct tty_struct *tty = task->signal->tty;
	__u32 minor, major;

	if (!tty)
		return 0;
	major = tty->driver->major;
	minor = tty->driver->minor_start + tty->index;
	return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

/* set_task_comm() pads with zeroes since 5.16 only: the string copy stops at the NUL, so the rest is cleared
 * here first. */
static __always_inline void fill_comm(char *comm, struct task_struct *task)
{
	((__u64 *)comm)[0] = 0;
	((__u64 *)comm)[1] = 0;
	bpf_probe_read_kernel_str(comm, COMM_BYTES, task->comm);
}

static __always_inline void fill_facts(struct task_facts *facts, struct task_struct *task)
{
	struct task_struct *parent = task->real_parent->group_leader;
	struct capabilities caps = capabilities_of(task->cred);

	facts->parent_start_boot_ns = parent->start_boottime;
	facts->parent_pid = parent->tgid;
	facts->cap_effective = caps.effective;
	facts->cap_permitted = caps.permitted;
	facts->cap_inheritable = caps.inheritable;
	facts->tty = tty_of(task);
	facts->maker_pid = 0;
	fill_ids(facts, task);
	fill_exe(facts, task);
	fill_comm(facts->comm, task);
	fill_comm(facts->parent_comm, parent);
}

#endif
