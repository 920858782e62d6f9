/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of io_uring: a request, and what its opcode keeps in it (io_uring/openclose.c, fs.c, net.c). */
#ifndef EUNOMIA_KERNEL_IO_URING_H
#define EUNOMIA_KERNEL_IO_URING_H
#include "kernel/begin.h"

struct filename {
	const char *name;
};

struct io_cmd_data {
	__u8 data[56];
};

struct io_kiocb {
	struct io_cmd_data cmd;
	__u8 opcode;
};

struct io_open {
	int dfd;
	struct filename *filename;
};

struct io_unlink {
	int dfd;
	struct filename *filename;
};

struct io_mkdir {
	int dfd;
	struct filename *filename;
};

/* Also of symlinkat. */
struct io_link {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
};

struct io_rename {
	int old_dfd;
	struct filename *oldpath;
	struct filename *newpath;
};

struct io_connect {
	void *addr;
	int addr_len;
};

#include "kernel/end.h"
#endif
