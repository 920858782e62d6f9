/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of processes: task, signal_struct (what the threads of a process share), pid, credentials, memory map,
 * terminal. */
#ifndef EUNOMIA_KERNEL_TASK_H
#define EUNOMIA_KERNEL_TASK_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/cgroup.h"
#include "kernel/file.h"
#include "kernel/begin.h"

typedef struct {
	__u64 val;
} kernel_cap_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

/* include/linux/ns_common.h, and what holds one. Each namespace has it by the name `ns`. */
struct ns_common {
	__u32 inum;
	__u32 ns_type; /* CLONE_NEW*; 6.18 and later */
};
struct user_namespace;
struct mnt_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};
struct new_utsname {
	char nodename[65];
	char domainname[65];
};

struct uts_namespace {
	struct new_utsname name;
	struct ns_common ns;
};
struct ipc_namespace {
	struct ns_common ns;
};
struct cgroup_namespace {
	struct ns_common ns;
};
struct net {
	struct ns_common ns;
};
struct user_namespace {
	struct ns_common ns;
};
struct task_struct;
struct pid_namespace {
	struct ns_common ns;
	struct task_struct *child_reaper;
};
struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct cgroup_namespace *cgroup_ns;
};

/* One number of a struct pid, in the namespace of its level. */
struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* As in every kernel since 4.19; signal_struct.pids has one per type. */
enum pid_type {
	PIDTYPE_PID = 0,
	PIDTYPE_TGID = 1,
	PIDTYPE_PGID = 2,
	PIDTYPE_SID = 3,
	PIDTYPE_MAX = 4,
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	int index;
	struct tty_driver *driver;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
	struct pid *pids[PIDTYPE_MAX];
	struct tty_struct *tty;
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	struct file *exe_file;
};

struct thread_info {
	unsigned long flags;
	__u32 status; /* x86 */
};

struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	int exit_code;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	__u64 start_boottime;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	struct css_set *cgroups;
};

struct linux_binprm {
	const char *filename;
	const char *interp;
	const char *fdpath;
};

#include "kernel/end.h"

/* What iterators give to programs; the layout is the kernel's UAPI towards programs, not relocated. */
struct seq_file;
struct bpf_iter_meta {
	union {
		struct seq_file *seq;
		__u64 seq_slot;
	};
	__u64 session_id; /* one per iterator that was opened */
	__u64 seq_num;
};
struct bpf_iter__task {
	union {
		struct bpf_iter_meta *meta;
		__u64 meta_slot;
	};
	union {
		struct task_struct *task;
		__u64 task_slot;
	};
};
struct bpf_iter__task_file {
	union {
		struct bpf_iter_meta *meta;
		__u64 meta_slot;
	};
	union {
		struct task_struct *task;
		__u64 task_slot;
	};
	__u32 fd;
	__u32 pad;
	union {
		struct file *file;
		__u64 file_slot;
	};
};

/*
 * The task as an untrusted pointer. For each pointer that is loaded through a trusted one the verifier
 * searches for a name among all types of the kernel, from the first to the last (btf_nested_type_is_trusted() in
 * kernel/bpf/btf.c): that was half of the time that loading took. Not in the programs that older kernels take, too.
 */
static __always_inline struct task_struct *plain_task(struct task_struct *task)
{
	return bpf_core_cast(task, struct task_struct);
}

static __always_inline struct task_struct *current_task(void)
{
	return plain_task(bpf_get_current_task_btf());
}

#endif
