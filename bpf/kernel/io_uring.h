/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of io_uring: a request, and what its opcode keeps in it (io_uring/openclose.c, fs.c, net.c). */
#ifndef EUNOMIA_KERNEL_IO_URING_H
#define EUNOMIA_KERNEL_IO_URING_H
#include <linux/openat2.h>
#include "kernel/begin.h"

struct filename {
	const char *name;
};

struct io_cmd_data {
	__u8 data[56];
};

/* 5.19 and later */
struct io_cqe {
	__u64 user_data;
	int fd; /* until the request is completed */
};

struct io_kiocb {
	struct file *file;
	struct io_cmd_data cmd;
	__u8 opcode;
	__u64 flags; /* 4 or 8 bytes: the low ones are read */
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	void *async_data; /* what the opcode keeps besides; null for nothing since 6.14, else any */
};

/* Of sends and receives. The address is here from 6.0 on, and since 6.14 in the next only. */
struct io_sr_msg {
	void *buf; /* or struct user_msghdr */
	int len;
	unsigned int msg_flags;
	void *addr;
	int addr_len;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
};

struct kernel_sockaddr {
	__u64 align;
};

struct io_async_msghdr {
	struct msghdr msg;
	struct kernel_sockaddr addr;
};

struct io_open {
	int dfd;
	__u32 file_slot; /* place in the table of the ring and 1; 0 for a descriptor */
	struct filename *filename;
	struct open_how how;
};

struct io_unlink {
	int dfd;
	int flags;
	struct filename *filename;
};

struct io_mkdir {
	int dfd;
	unsigned short mode;
	struct filename *filename;
};

/* Also of symlinkat. */
struct io_link {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

struct io_rename {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

struct xattr_name;

/* struct xattr_ctx before 6.13: core_fixes.bpf.h */
struct kernel_xattr_ctx {
	unsigned long size;
	struct xattr_name *kname;
	unsigned int flags;
};

struct io_xattr {
	struct kernel_xattr_ctx ctx;
	struct filename *filename;
};

struct io_ftrunc {
	__s64 len;
};

struct io_listen {
	int backlog;
};

struct io_connect {
	void *addr;
	int addr_len;
};

#include "kernel/end.h"
#endif
