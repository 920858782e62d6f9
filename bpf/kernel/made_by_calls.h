/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of what calls make and descriptors lead to: programs and maps of bpf, rings of io_uring. */
#ifndef EUNOMIA_MADE_BY_CALLS_H
#define EUNOMIA_MADE_BY_CALLS_H
#include <linux/bpf.h>
#include "kernel/begin.h"

struct bpf_prog_aux {
	char name[BPF_OBJ_NAME_LEN];
};

struct bpf_prog {
	enum bpf_prog_type type;
	struct bpf_prog_aux *aux;
};

struct bpf_map {
	char name[BPF_OBJ_NAME_LEN];
};

struct io_ring_ctx {
	unsigned int flags;
};

#include "kernel/end.h"
#endif
