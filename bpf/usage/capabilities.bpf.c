// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Checks of capabilities counted by process: at the end of cap_capable() (security/commoncap.c), where each of them
 * passes. The tracepoint is there since 6.14. A check in an interrupt counts for the task that it interrupts.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "usage/owner.bpf.h"
#include "usage/tables.bpf.h"

/* Numbers of `overflow`. */
enum capability_overflow {
	OVERFLOW_CHECKS = 0,
};

USAGE_TABLE(checks, struct capability_key, struct capability_usage);

SEC("tp_btf/cap_capable")
int BPF_PROG(usage_capabilities, const struct cred *cred, void *target_namespace, void *capable_namespace, int cap,
	     int result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct capability_key key = {.number = cap};
	struct capability_usage fresh = {}, *known;
	void *checks_of_now = table_of_now(&checks);

	if (!checks_of_now || is_left_out(task))
		return 0;
	fill_owner(&key.owner, task);
	known = bpf_map_lookup_elem(checks_of_now, &key);
	if (!known) {
		fill_owner_comm(fresh.comm, task);
		known = made_entry(checks_of_now, &key, &fresh);
	}
	if (!known)
		add_overflow(OVERFLOW_CHECKS, 1);
	else if (result)
		__sync_fetch_and_add(&known->denied, 1);
	else
		__sync_fetch_and_add(&known->granted, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
