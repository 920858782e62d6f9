// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Programs that every kernel refuses, linked to ours by a test: the others must still run. One has no hook, the
 * verifier rejects the other. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/no_such_tracepoint")
int bad_hook(void *ctx)
{
	return 0;
}

SEC("tp_btf/sched_process_exit")
int bad_access(unsigned long long *ctx)
{
	return *(int *)(ctx[0] + 100000000);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
