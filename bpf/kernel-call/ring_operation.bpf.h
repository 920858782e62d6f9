/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What an operation of io_uring does, read from its request: the system call that does the same, and the arguments of
 * that call. The kernel has copied names by the time that a request is submitted; addresses of sockets are read from
 * the caller's memory. io_uring/openclose.c, fs.c, truncate.c, xattr.c, net.c
 */
#ifndef EUNOMIA_RING_OPERATION_BPF_H
#define EUNOMIA_RING_OPERATION_BPF_H
#include <asm-generic/fcntl.h>
#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <linux/io_uring.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "file/file_change.bpf.h"
#include "kernel/core_fixes.bpf.h"
#include "kernel/io_uring.h"
#include "kernel-call/call_kinds.bpf.h"
#include "record/event.h"

/* include/uapi/linux/io_uring.h: 6.9, and 6.11. */
#define RING_OP_FTRUNCATE 55
#define RING_OP_BIND	  56
#define RING_OP_LISTEN	  57

/* In scratch->call. Texts lie in the kernel's memory. */
struct ring_operation {
	struct filename *first;
	struct filename *second;
	const char *text; /* name of an extended attribute */
	__u64 address;	  /* of a socket, in the caller's memory */
	__u32 address_length;
	__s32 folder;
	__s32 new_folder;
	__u32 mode;
	__u64 flags;
	__u64 size;
	__u32 is_direct; /* the file that is opened gets no descriptor, but a place in a table of the ring */
	__s32 backlog;
};

/* The call that does the same; 0 for an operation that no other record is made of. */
static __always_inline __u32 number_of_operation(__u32 opcode)
{
	switch (opcode) {
	case IORING_OP_OPENAT:
		return NR_OPENAT;
	case IORING_OP_OPENAT2:
		return NR_OPENAT2;
	case IORING_OP_RENAMEAT:
		return NR_RENAMEAT2;
	case IORING_OP_UNLINKAT:
		return NR_UNLINKAT;
	case IORING_OP_MKDIRAT:
		return NR_MKDIRAT;
	case IORING_OP_SYMLINKAT:
		return NR_SYMLINKAT;
	case IORING_OP_LINKAT:
		return NR_LINKAT;
	case IORING_OP_SETXATTR:
		return NR_SETXATTR;
	case IORING_OP_FSETXATTR:
		return NR_FSETXATTR;
	case RING_OP_FTRUNCATE:
		return NR_FTRUNCATE;
	case IORING_OP_CONNECT:
		return NR_CONNECT;
	case RING_OP_BIND:
		return NR_BIND;
	case RING_OP_LISTEN:
		return NR_LISTEN;
	}
	return 0;
}

static __always_inline void read_open_operation(struct ring_operation *operation, void *data)
{
	struct io_open *open = data;

	operation->folder = BPF_CORE_READ(open, dfd);
	operation->first = IO_URING_NAME(data, io_open, filename);
	operation->flags = BPF_CORE_READ(open, how.flags);
	operation->mode = BPF_CORE_READ(open, how.mode);
	operation->is_direct = BPF_CORE_READ(open, file_slot);
}

static __always_inline void read_link_operation(struct ring_operation *operation, void *data, _Bool is_symlink)
{
	struct io_link *link = data;

	operation->flags = is_symlink ? 0 : BPF_CORE_READ(link, flags);
	/* of a symlink the target is the old path, and the link itself is the new one */
	operation->folder = is_symlink ? BPF_CORE_READ(link, new_dfd) : BPF_CORE_READ(link, old_dfd);
	operation->new_folder = BPF_CORE_READ(link, new_dfd);
	operation->first = is_symlink ? IO_URING_NAME(data, io_link, newpath) : IO_URING_NAME(data, io_link, oldpath);
	operation->second = is_symlink ? IO_URING_NAME(data, io_link, oldpath) : IO_URING_NAME(data, io_link, newpath);
}

static __always_inline void read_name_operation(struct ring_operation *operation, __u32 opcode, void *data)
{
	struct io_unlink *unlink = data;
	struct io_mkdir *mkdir = data;
	struct io_rename *rename = data;

	switch (opcode) {
	case IORING_OP_UNLINKAT:
		operation->folder = BPF_CORE_READ(unlink, dfd);
		operation->flags = BPF_CORE_READ(unlink, flags);
		operation->first = IO_URING_NAME(data, io_unlink, filename);
		break;
	case IORING_OP_MKDIRAT:
		operation->folder = BPF_CORE_READ(mkdir, dfd);
		operation->mode = BPF_CORE_READ(mkdir, mode);
		operation->first = IO_URING_NAME(data, io_mkdir, filename);
		break;
	case IORING_OP_RENAMEAT:
		operation->folder = BPF_CORE_READ(rename, old_dfd);
		operation->new_folder = BPF_CORE_READ(rename, new_dfd);
		operation->flags = BPF_CORE_READ(rename, flags);
		operation->first = IO_URING_NAME(data, io_rename, oldpath);
		operation->second = IO_URING_NAME(data, io_rename, newpath);
		break;
	}
}

static __always_inline void read_attribute_operation(struct ring_operation *operation, __u32 opcode, void *data)
{
	struct io_xattr *xattr = data;
	struct io_ftrunc *truncation = data;

	if (opcode == RING_OP_FTRUNCATE) {
		if (bpf_core_type_exists(struct io_ftrunc))
			operation->size = BPF_CORE_READ(truncation, len);
		return;
	}
	operation->text = (void *)BPF_CORE_READ(xattr, ctx.kname);
	operation->size = BPF_CORE_READ(xattr, ctx.size);
	operation->flags = BPF_CORE_READ(xattr, ctx.flags);
	if (opcode == IORING_OP_SETXATTR)
		operation->first = IO_URING_NAME(data, io_xattr, filename);
}

static __always_inline void read_socket_operation(struct ring_operation *operation, __u32 opcode, void *data)
{
	struct io_connect *connect = data;
	struct io_listen *listen = data;

	if (opcode == IORING_OP_CONNECT) {
		operation->address = (__u64)BPF_CORE_READ(connect, addr);
		operation->address_length = BPF_CORE_READ(connect, addr_len);
	} else if (opcode == RING_OP_LISTEN) {
		if (bpf_core_type_exists(struct io_listen))
			operation->backlog = BPF_CORE_READ(listen, backlog);
	}
}

/* Fills scratch->call. */
static __always_inline void read_operation(struct ring_operation *operation, __u32 opcode, void *data)
{
	__builtin_memset(operation, 0, sizeof(*operation));
	operation->folder = AT_FDCWD;
	operation->new_folder = AT_FDCWD;
	switch (opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		return read_open_operation(operation, data);
	case IORING_OP_SYMLINKAT:
	case IORING_OP_LINKAT:
		return read_link_operation(operation, data, opcode == IORING_OP_SYMLINKAT);
	case IORING_OP_UNLINKAT:
	case IORING_OP_MKDIRAT:
	case IORING_OP_RENAMEAT:
		return read_name_operation(operation, opcode, data);
	case IORING_OP_SETXATTR:
	case IORING_OP_FSETXATTR:
	case RING_OP_FTRUNCATE:
		return read_attribute_operation(operation, opcode, data);
	}
	read_socket_operation(operation, opcode, data);
}

#endif
