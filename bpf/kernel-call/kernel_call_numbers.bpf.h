/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the arguments of a kernel call point to, as numbers: capabilities, types of namespaces and programs, flags of an
 * io_uring, attributes of a mount or file; and of the descriptor that was given, its file's kind and its socket.
 */
#ifndef EUNOMIA_KERNEL_CALL_NUMBERS_BPF_H
#define EUNOMIA_KERNEL_CALL_NUMBERS_BPF_H
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/call_texts.bpf.h"
#include "kernel/core_fixes.bpf.h"
#include "kernel/file.h"
#include "network/socket_facts.bpf.h"
#include "kernel-call/ioctl_requests.h"
#include "kernel-call/kernel_call_results.bpf.h"
#include "kernel-call/syscall.bpf.h"

/* include/uapi/linux/magic.h */
#define NSFS_MAGIC 0x6e736673

/* include/linux/fs.h: i_flags */
#define S_APPEND	     4
#define S_IMMUTABLE	     8
/* struct ifreq: the flags follow the name. */
#define INTERFACE_NAME_BYTES 16

/* Effective, permitted and inheritable set in the arguments of capset. The first version has one word of each. */
static __always_inline void fill_capset(struct kernel_call_event *event, const struct syscall *call)
{
	struct __user_cap_header_struct header = {};
	struct __user_cap_data_struct data[2] = {};

	bpf_probe_read_user(&header, sizeof(header), (void *)call->args[0]);
	if (header.version == _LINUX_CAPABILITY_VERSION_1)
		bpf_probe_read_user(data, sizeof(data[0]), (void *)call->args[1]);
	else
		bpf_probe_read_user(data, sizeof(data), (void *)call->args[1]);
	event->numbers[0] = data[0].effective | (__u64)data[1].effective << 32;
	event->numbers[1] = data[0].permitted | (__u64)data[1].permitted << 32;
	event->numbers[2] = data[0].inheritable | (__u64)data[1].inheritable << 32;
}

/* The type of namespace that setns entered: as given, or that of the file. */
static __always_inline __u64 namespaces_of(const struct syscall *call, struct file *file)
{
	struct inode *inode;

	if ((__u32)call->args[1] || !file)
		return (__u32)call->args[1];
	inode = file->f_inode;
	if (inode->i_sb->s_magic != NSFS_MAGIC)
		return 0;
	return namespace_type(bpf_core_cast(inode->i_private, struct ns_common));
}

/* The descriptor of dup, setns, finit_module and io_uring_register. */
static __always_inline _Bool has_descriptor(__u32 number)
{
	switch (number) {
	case NR_DUP:
	case NR_DUP2:
	case NR_DUP3:
	case NR_FCNTL:
	case NR_SETNS:
	case NR_FINIT_MODULE:
	case NR_IO_URING_REGISTER:
	case NR_IOCTL:
		return 1;
	}
	return 0;
}

static __always_inline void fill_descriptor(struct kernel_call_event *event, struct task_struct *task,
					    const struct syscall *call)
{
	struct file *file = file_of(task, call->args[0]);
	struct sock *sk;

	if (!file)
		return;
	event->descriptor_mode = file->f_inode->i_mode;
	sk = socket_of(file);
	if (sk)
		fill_socket(&event->socket, sk);
}

static __always_inline __u64 protection_of(__u64 given)
{
	return (given & FS_XFLAG_IMMUTABLE ? FS_IMMUTABLE_FL : 0) | (given & FS_XFLAG_APPEND ? FS_APPEND_FL : 0);
}

/* The protection of a file that a call set, as FS_*_FL: from the inode, which no other thread changes behind its back;
 * of a refused call what it asked for. */
static __always_inline __u64 protection_set(struct task_struct *task, const struct syscall *call, __u32 request)
{
	struct file *file = file_of(task, call->args[0]);
	__u32 given = 0, flags;

	if (call->result >= 0 && file) {
		flags = file->f_inode->i_flags;
		return (flags & S_IMMUTABLE ? FS_IMMUTABLE_FL : 0) | (flags & S_APPEND ? FS_APPEND_FL : 0);
	}
	bpf_probe_read_user(&given, sizeof(given), (void *)call->args[2]);
	return request == REQUEST_FS_IOC_FSSETXATTR ? protection_of(given) : given & (FS_IMMUTABLE_FL | FS_APPEND_FL);
}

static __always_inline __u64 number_of_ioctl(struct task_struct *task, const struct syscall *call)
{
	__u32 request = call->args[1];
	__u16 flags = 0;

	switch (request) {
	case REQUEST_FS_IOC_SETFLAGS_32:
	case REQUEST_FS_IOC_SETFLAGS_64:
	case REQUEST_FS_IOC_FSSETXATTR:
		return protection_set(task, call, request);
	case REQUEST_SIOCSIFFLAGS:
		bpf_probe_read_user(&flags, sizeof(flags), (char *)call->args[2] + INTERFACE_NAME_BYTES);
		return flags;
	}
	return 0;
}

/* numbers[0] of each: the type of the program for bpf, flags for io_uring_setup, types of namespaces for setns, the
 * attributes that a mount or file got. */
static __always_inline void fill_numbers(struct kernel_call_event *event, struct task_struct *task,
					 const struct syscall *call)
{
	__u32 number = 0;
	__u64 attributes = 0;

	if (has_descriptor(call->number))
		fill_descriptor(event, task, call);
	if (put_numbers_of_kernel(event, task, call)) {
		event->text_flags |= TEXT_VALUES_OF_KERNEL;
		return;
	}
	switch (call->number) {
	case NR_CAPSET:
		fill_capset(event, call);
		break;
	case NR_SETNS:
		event->numbers[0] = namespaces_of(call, file_of(task, call->args[0]));
		break;
	case NR_BPF: /* cmd, attr: prog_type is first in what BPF_PROG_LOAD takes */
		if ((__u32)call->args[0] == BPF_PROG_LOAD)
			bpf_probe_read_user(&number, sizeof(number), (void *)call->args[1]);
		event->numbers[0] = number;
		break;
	case NR_IO_URING_SETUP: /* entries, params */
		bpf_probe_read_user(&number, sizeof(number),
				    (char *)call->args[1] + __builtin_offsetof(struct io_uring_params, flags));
		event->numbers[0] = number;
		break;
	case NR_MOUNT_SETATTR: /* folder, path, flags, attributes, size: attr_set is first in struct mount_attr */
	case NR_OPEN_TREE_ATTR:
		bpf_probe_read_user(&attributes, sizeof(attributes), (void *)call->args[3]);
		event->numbers[0] = attributes;
		break;
	case NR_IOCTL:
		event->numbers[0] = number_of_ioctl(task, call);
		break;
	case NR_FILE_SETATTR: /* folder, path, attributes, size, flags: fa_xflags is first in struct file_attr */
		bpf_probe_read_user(&attributes, sizeof(attributes), (void *)call->args[2]);
		event->numbers[0] = protection_of(attributes);
		break;
	}
}

#endif
