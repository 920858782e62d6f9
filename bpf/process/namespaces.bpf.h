/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Fills struct namespace_facts: in which namespaces a process is, and how its pid namespace sees the parent. */
#ifndef EUNOMIA_NAMESPACES_BPF_H
#define EUNOMIA_NAMESPACES_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel/task.h"

/* The number of `pid` at `level`, and the namespace of that number. The slot is computed, as in pid_number(). */
static __always_inline struct upid upid_at(struct pid *pid, __u32 level)
{
	struct upid number = {};
	char *slot = (char *)&pid->numbers[0] + (__u64)level * bpf_core_type_size(struct upid);

	bpf_core_read(&number.nr, sizeof(number.nr), &((struct upid *)slot)->nr);
	bpf_core_read(&number.ns, sizeof(number.ns), &((struct upid *)slot)->ns);
	return number;
}

/* The parent as the pid namespace of `own` numbers it; 0 for one outside. */
static __always_inline __u32 parent_number(struct task_struct *parent, __u32 level, struct pid_namespace *own)
{
	struct pid *pid = parent->signal->pids[PIDTYPE_TGID];
	struct upid number;

	if (!pid || pid->level < level)
		return 0;
	number = upid_at(pid, level);
	return number.ns == own ? number.nr : 0;
}

/* nsproxy is null for a process that is just going. */
static __always_inline void fill_namespaces(struct namespace_facts *facts, struct task_struct *task)
{
	struct pid *pid = task->signal->pids[PIDTYPE_TGID];
	struct nsproxy *proxy = task->nsproxy;
	struct upid own;

	__builtin_memset(facts, 0, sizeof(*facts));
	if (!pid || !proxy)
		return;
	own = upid_at(pid, pid->level);
	facts->pid = BPF_CORE_READ(own.ns, ns.inum);
	facts->pid_start_boot_ns = BPF_CORE_READ(own.ns, child_reaper, start_boottime);
	facts->parent_namespace_pid = parent_number(task->real_parent->group_leader, pid->level, own.ns);
	facts->mount = BPF_CORE_READ(proxy, mnt_ns, ns.inum);
	facts->network = BPF_CORE_READ(proxy, net_ns, ns.inum);
	facts->uts = BPF_CORE_READ(proxy, uts_ns, ns.inum);
	facts->ipc = BPF_CORE_READ(proxy, ipc_ns, ns.inum);
	/* 4.6 and later, so always there. */
	facts->cgroup = BPF_CORE_READ(proxy, cgroup_ns, ns.inum);
	facts->user = BPF_CORE_READ(task, cred, user_ns, ns.inum);
}

/* include/uapi/linux/sched.h */
#define SHARES_VM    0x00000100
#define SHARES_FS    0x00000200
#define SHARES_FILES 0x00000400
#define NEW_MOUNT    0x00020000
#define NEW_CGROUP   0x02000000
#define NEW_UTS	     0x04000000
#define NEW_IPC	     0x08000000
#define NEW_USER     0x10000000
#define NEW_PID	     0x20000000
#define NEW_NETWORK  0x40000000

/*
 * The flags of clone and clone3, as the new process shows them: what it shares with its maker, and which namespaces
 * are others. The arguments of the call are not read: those of clone3 lie in user memory, and vfork has none.
 */
static __always_inline __u32 clone_flags_of(struct task_struct *maker, struct task_struct *child)
{
	struct nsproxy *old = maker->nsproxy, *new = child->nsproxy;
	struct pid *old_pid = maker->signal->pids[PIDTYPE_TGID], *new_pid = child->signal->pids[PIDTYPE_TGID];
	__u32 flags = 0;

	if (child->mm && child->mm == maker->mm)
		flags |= SHARES_VM;
	if (child->fs == maker->fs)
		flags |= SHARES_FS;
	if (child->files == maker->files)
		flags |= SHARES_FILES;
	if (child->cred->user_ns != maker->cred->user_ns)
		flags |= NEW_USER;
	if (old_pid && new_pid && new_pid->level != old_pid->level)
		flags |= NEW_PID;
	if (!old || !new || old == new)
		return flags;
	if (new->mnt_ns != old->mnt_ns)
		flags |= NEW_MOUNT;
	if (new->cgroup_ns != old->cgroup_ns)
		flags |= NEW_CGROUP;
	if (new->uts_ns != old->uts_ns)
		flags |= NEW_UTS;
	if (new->ipc_ns != old->ipc_ns)
		flags |= NEW_IPC;
	if (new->net_ns != old->net_ns)
		flags |= NEW_NETWORK;
	return flags;
}

#endif
