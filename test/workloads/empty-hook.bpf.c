// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The least that a program at the end of every system call costs: it does nothing. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sys_exit")
int empty_hook(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
