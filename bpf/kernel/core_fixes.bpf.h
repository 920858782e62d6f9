/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Differences between kernels: each function reads one value from the layout of the running kernel, with the commit
 * that changed it. Suffixes after ___ are only ours; CO-RE compares the name before them.
 */
#ifndef EUNOMIA_CORE_FIXES_BPF_H
#define EUNOMIA_CORE_FIXES_BPF_H
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/io_uring.h"
#include "kernel/task.h"
#include "kernel/begin.h"

/* Before 6.3: f122a08b197d "capability: just use a 'single u64' instead of a 'u32[2]' array". */
struct kernel_cap_struct___before_6_3 {
	__u32 cap[2];
};
struct cred___before_6_3 {
	struct kernel_cap_struct___before_6_3 cap_inheritable;
	struct kernel_cap_struct___before_6_3 cap_permitted;
	struct kernel_cap_struct___before_6_3 cap_effective;
};

/* 6.6..6.10: 13bc24457850 "fs: rename i_ctime field to __i_ctime"; 12cd44023651 (6.7) did the same to i_mtime. */
struct timespec64___before_6_11 {
	__s64 tv_sec;
	long tv_nsec;
};
struct inode___6_6 {
	struct timespec64___before_6_11 __i_ctime;
	struct timespec64___before_6_11 __i_mtime;
};
struct inode___before_6_6 {
	struct timespec64___before_6_11 i_ctime;
	struct timespec64___before_6_11 i_mtime;
};
/* Before 6.18, "nsfs: move ns type into struct ns_common", the operations of the namespace had its type. */
struct proc_ns_operations___before_6_18 {
	int type;
};
struct ns_common___before_6_18 {
	const struct proc_ns_operations___before_6_18 *ops;
};
/*
 * Between 6.18 and 7.3 a request got its names by delayed_getname(): a pointer to struct filename in a struct of its
 * own (io_uring/openclose.c, fs.c).
 */
struct delayed_filename___after_6_18 {
	struct filename *__incomplete_filename;
};
struct io_open___after_6_18 {
	struct delayed_filename___after_6_18 filename;
};
struct io_unlink___after_6_18 {
	struct delayed_filename___after_6_18 filename;
};
struct io_mkdir___after_6_18 {
	struct delayed_filename___after_6_18 filename;
};
struct io_link___after_6_18 {
	struct delayed_filename___after_6_18 oldpath;
	struct delayed_filename___after_6_18 newpath;
};
struct io_rename___after_6_18 {
	struct delayed_filename___after_6_18 oldpath;
	struct delayed_filename___after_6_18 newpath;
};
/* 5.19 to 6.4, before 0af950f57fef "ovl: move ovl_entry into ovl_inode"; before that the inode itself. */
struct ovl_path___before_6_5 {
	struct dentry *dentry;
};
struct ovl_inode___before_6_5 {
	struct ovl_path___before_6_5 lowerpath;
};
struct ovl_inode___before_5_19 {
	struct inode *lower;
};
struct io_xattr___after_6_18 {
	struct delayed_filename___after_6_18 filename;
};
/* Before 6.1: 7f203bc89eb6 "cgroup: Replace cgroup->ancestor_ids[] with ->ancestors[]". */
struct cgroup___before_6_1 {
	__u64 ancestor_ids[1];
};
#include "kernel/end.h"

/* A name of a request of io_uring: of its data, which is `type` (kernel/io_uring.h). */
#define IO_URING_NAME(data, type, field)                                                                               \
	(bpf_core_field_exists(((struct type *)(data))->field)                                                         \
		 ? BPF_CORE_READ((struct type *)(data), field)                                                         \
		 : BPF_CORE_READ((struct type##___after_6_18 *)(data), field.__incomplete_filename))

/* 6.16, "exit: move and extend sched_process_exit() tracepoint", added a second argument. */
typedef void (*btf_trace_sched_process_exit___group_dead)(void *, struct task_struct *, _Bool);

/* 6.15, "io_uring: pass struct io_uring_cqe to the tracepoint": before, the numbers in it were arguments. */
typedef void (*btf_trace_io_uring_complete___cqe)(void *, struct io_ring_ctx *, void *, struct io_uring_cqe *);

/* 6.8, 72ba14deb40a "mm: update mark_victim tracepoints fields", passes the victim instead of its pid. */
typedef void (*btf_trace_mark_victim___task)(void *, struct task_struct *, __u32);

/* 6.13, 4e40eff0b573 "fs: add infrastructure for multigrain timestamps": the top bit of i_ctime_nsec is a flag. */
#define CTIME_QUERIED (1U << 31)
#define NS_PER_SECOND 1000000000ULL

static __always_inline __u64 inode_ctime_ns(struct inode *inode)
{
	struct inode___6_6 *later = (void *)inode;
	struct inode___before_6_6 *before = (void *)inode;

	/* 3aa63a569c64 (6.11) "fs: switch timespec64 fields in inode to discrete integers" */
	if (bpf_core_field_exists(inode->i_ctime_sec))
		return inode->i_ctime_sec * NS_PER_SECOND + (inode->i_ctime_nsec & ~CTIME_QUERIED);
	if (bpf_core_field_exists(later->__i_ctime))
		return BPF_CORE_READ(later, __i_ctime.tv_sec) * NS_PER_SECOND + BPF_CORE_READ(later, __i_ctime.tv_nsec);
	return BPF_CORE_READ(before, i_ctime.tv_sec) * NS_PER_SECOND + BPF_CORE_READ(before, i_ctime.tv_nsec);
}

static __always_inline __u64 inode_mtime_ns(struct inode *inode)
{
	struct inode___6_6 *later = (void *)inode;
	struct inode___before_6_6 *before = (void *)inode;

	if (bpf_core_field_exists(inode->i_mtime_sec))
		return inode->i_mtime_sec * NS_PER_SECOND + inode->i_mtime_nsec;
	if (bpf_core_field_exists(later->__i_mtime))
		return BPF_CORE_READ(later, __i_mtime.tv_sec) * NS_PER_SECOND + BPF_CORE_READ(later, __i_mtime.tv_nsec);
	return BPF_CORE_READ(before, i_mtime.tv_sec) * NS_PER_SECOND + BPF_CORE_READ(before, i_mtime.tv_nsec);
}

/* The inode of the topmost lower layer; null for a file that is in the upper layer only. */
static __always_inline struct inode *lower_inode_of(struct ovl_inode *overlay)
{
	struct ovl_inode___before_6_5 *path = (void *)overlay;
	struct ovl_inode___before_5_19 *before = (void *)overlay;

	if (bpf_core_field_exists(overlay->oe) && bpf_core_type_exists(struct ovl_entry) &&
	    bpf_core_type_exists(struct ovl_path)) {
		struct ovl_entry *entry = BPF_CORE_READ(overlay, oe);

		return entry ? BPF_CORE_READ(entry, __lowerstack[0].dentry, d_inode) : NULL;
	}
	if (bpf_core_field_exists(path->lowerpath))
		return BPF_CORE_READ(path, lowerpath.dentry, d_inode);
	return bpf_core_field_exists(before->lower) ? BPF_CORE_READ(before, lower) : NULL;
}

struct capabilities {
	__u64 effective;
	__u64 permitted;
	__u64 inheritable;
};

static __always_inline __u64 joined_cap(const struct kernel_cap_struct___before_6_3 *set)
{
	struct kernel_cap_struct___before_6_3 copy = {};

	bpf_probe_read_kernel(&copy, sizeof(copy), set);
	return copy.cap[0] | (__u64)copy.cap[1] << 32;
}

static __always_inline struct capabilities capabilities_of(const struct cred *cred)
{
	const struct cred___before_6_3 *before = (const void *)cred;
	struct capabilities caps = {};

	if (bpf_core_field_exists(cred->cap_effective.val)) {
		caps.effective = cred->cap_effective.val;
		caps.permitted = cred->cap_permitted.val;
		caps.inheritable = cred->cap_inheritable.val;
	} else {
		caps.effective = joined_cap(&before->cap_effective);
		caps.permitted = joined_cap(&before->cap_permitted);
		caps.inheritable = joined_cap(&before->cap_inheritable);
	}
	return caps;
}

/* The type of a namespace, as a CLONE_NEW* bit. */
static __always_inline __u32 namespace_type(struct ns_common *common)
{
	struct ns_common___before_6_18 *before = (void *)common;

	if (bpf_core_field_exists(common->ns_type))
		return common->ns_type;
	return BPF_CORE_READ(before, ops, type);
}

/*
 * The last thread of the process is gone. do_exit() (kernel/exit.c) counts signal->live down before the tracepoint.
 * Where the tracepoint doesn't say, two threads that leave at once can both see 0: the process then exits twice, and
 * readers take the first.
 */
static __always_inline _Bool is_group_dead(unsigned long long *context, struct task_struct *task)
{
	if (bpf_core_type_matches(btf_trace_sched_process_exit___group_dead))
		return context[1] & 1;
	return task->signal->live.counter == 0;
}

/* Id of the ancestor of a cgroup at a level above its own. Flexible arrays: the slot is computed. */
static __always_inline __u64 ancestor_id_at(struct cgroup *cgroup, __u32 level)
{
	struct cgroup___before_6_1 *before = (void *)cgroup;
	struct cgroup *ancestor = NULL;
	__u64 id = 0;

	if (!bpf_core_field_exists(cgroup->ancestors)) {
		bpf_probe_read_kernel(&id, sizeof(id), (char *)&before->ancestor_ids[0] + level * sizeof(id));
		return id;
	}
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor), (char *)&cgroup->ancestors[0] + level * sizeof(ancestor));
	return BPF_CORE_READ(ancestor, kn, id);
}

/* The result of a request of io_uring, from the arguments of io_uring_complete: ring, request, completion. */
static __always_inline __s32 result_of_completion(unsigned long long *context)
{
	struct io_uring_cqe *completion = NULL;
	__u64 result = 0;
	__s32 read = 0;

	if (!bpf_core_type_matches(btf_trace_io_uring_complete___cqe)) {
		bpf_probe_read_kernel(&result, sizeof(result), context + 3);
		return result;
	}
	bpf_probe_read_kernel(&completion, sizeof(completion), context + 2);
	bpf_probe_read_kernel(&read, sizeof(read), &completion->res);
	return read;
}

#endif
