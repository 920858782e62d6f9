/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the kernel made of a call that succeeded: another thread may have changed the memory of the arguments since.
 * What the call returned is checked by its name, as the descriptor may lead to another file by now.
 */
#ifndef EUNOMIA_KERNEL_CALL_RESULTS_BPF_H
#define EUNOMIA_KERNEL_CALL_RESULTS_BPF_H
#include <linux/bpf.h>
#include <linux/prctl.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/call_texts.bpf.h"
#include "kernel-call/syscall.bpf.h"
#include "kernel/core_fixes.bpf.h"
#include "kernel/file.h"
#include "kernel/made_by_calls.h"
#include "kernel/task.h"

/* First bytes of the names that the kernel gives to files without a folder, little endian. */
#define NAME_BPF_PROG	0x676f72702d667062ULL /* bpf-prog */
#define NAME_BPF_MAP	0x0070616d2d667062ULL /* bpf-map */
#define NAME_IO_URING	0x6e6972755f6f695bULL /* [io_urin */
#define NAME_MEMFD	0x00003a64666d656dULL /* memfd: */
#define MEMFD_NAME_MASK 0x0000ffffffffffffULL
#define MEMFD_PREFIX	6

/* Name of the file that a call returned; null when another thread has closed it. */
static __always_inline const unsigned char *name_of_result(struct task_struct *task, const struct syscall *call,
							   __u64 *first)
{
	struct file *file = file_of(task, call->result);
	const unsigned char *name;

	*first = 0;
	if (!file)
		return NULL;
	name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	bpf_probe_read_kernel(first, sizeof(*first), name);
	return name;
}

/* What a descriptor that the call returned leads to, if the file has this name. */
static __always_inline void *object_of_result(struct task_struct *task, const struct syscall *call, __u64 wanted)
{
	struct file *file = file_of(task, call->result);
	__u64 first;

	if (!name_of_result(task, call, &first) || first != wanted)
		return NULL;
	return file ? BPF_CORE_READ(file, private_data) : NULL;
}

/* The name that a successful call gave, in the kernel's memory; null for one that gives none. */
static __always_inline const char *name_in_kernel(struct task_struct *task, const struct syscall *call)
{
	struct uts_namespace *host;
	const unsigned char *name;
	struct bpf_prog *program;
	struct bpf_map *map;
	__u64 first;

	if (call->result < 0)
		return NULL;
	switch (call->number) {
	case NR_MEMFD_CREATE:
		name = name_of_result(task, call, &first);
		return name && (first & MEMFD_NAME_MASK) == NAME_MEMFD ? (const char *)name + MEMFD_PREFIX : NULL;
	case NR_MQ_OPEN:
		return (const char *)name_of_result(task, call, &first);
	case NR_SETHOSTNAME:
		host = BPF_CORE_READ(task, nsproxy, uts_ns);
		return (const char *)&host->name.nodename;
	case NR_SETDOMAINNAME:
		host = BPF_CORE_READ(task, nsproxy, uts_ns);
		return (const char *)&host->name.domainname;
	case NR_PRCTL:
		return (__u32)call->args[0] == PR_SET_NAME ? (const char *)&task->comm : NULL;
	case NR_BPF:
		if ((__u32)call->args[0] == BPF_PROG_LOAD) {
			program = object_of_result(task, call, NAME_BPF_PROG);
			return program ? (const char *)&BPF_CORE_READ(program, aux)->name : NULL;
		}
		if ((__u32)call->args[0] == BPF_MAP_CREATE) {
			map = object_of_result(task, call, NAME_BPF_MAP);
			return map ? (const char *)&map->name : NULL;
		}
	}
	return NULL;
}

/* The numbers of a successful call as the kernel has them now; false when it has not. */
static __always_inline _Bool put_numbers_of_kernel(struct kernel_call_event *event, struct task_struct *task,
						   const struct syscall *call)
{
	struct capabilities sets;
	struct io_ring_ctx *ring;
	struct bpf_prog *program;

	if (call->result < 0)
		return 0;
	switch (call->number) {
	case NR_CAPSET: /* of the caller alone, since 2.6.25 */
		sets = capabilities_of(task->cred);
		event->numbers[0] = sets.effective;
		event->numbers[1] = sets.permitted;
		event->numbers[2] = sets.inheritable;
		return 1;
	case NR_BPF:
		program = (__u32)call->args[0] == BPF_PROG_LOAD ? object_of_result(task, call, NAME_BPF_PROG) : NULL;
		event->numbers[0] = program ? BPF_CORE_READ(program, type) : 0;
		return program != NULL;
	case NR_IO_URING_SETUP:
		ring = object_of_result(task, call, NAME_IO_URING);
		event->numbers[0] = ring ? BPF_CORE_READ(ring, flags) : 0;
		return ring != NULL;
	}
	return 0;
}

#endif
