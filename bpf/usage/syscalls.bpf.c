// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * System calls counted by process, and those ever seen in a cgroup. At sys_enter and not at sys_exit: exit_group and
 * rt_sigreturn never get there, and an allow-list that lacks them kills every program. What seccomp refuses doesn't get
 * here either (syscall_trace_enter(), include/linux/entry-common.h).
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel/syscall_regs.h"
#include "usage/owner.bpf.h"
#include "usage/tables.bpf.h"

/* Numbers of `overflow`. */
enum call_overflow {
	OVERFLOW_CALLS = 0, /* not assigned to a process */
	OVERFLOW_SEEN = 1,  /* not marked: the cgroup has no entry */
};

USAGE_TABLE(calls, struct call_key, struct call_usage);

/* Never emptied, but by the loader for cgroups that are gone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct usage_cgroup);
	__type(value, struct calls_seen);
} seen SEC(".maps");

static __always_inline __u32 abi_of(struct task_struct *task, __u32 number)
{
	if (number & X32_SYSCALL_BIT)
		return ABI_X32;
	return IS_32_BIT_CALL(task) ? ABI_COMPAT_32 : ABI_NATIVE;
}

static __always_inline void mark_seen(const struct call_key *key)
{
	struct usage_cgroup cgroup = {.cgroup_id = key->owner.cgroup_id, .flags = key->owner.flags, .abi = key->abi};
	struct calls_seen *known, none = {};
	__u32 number = key->number;
	__u64 bit = 1ULL << (number % 64);

	if (number >= USAGE_CALLS)
		return;
	known = bpf_map_lookup_elem(&seen, &cgroup);
	if (!known)
		known = made_entry(&seen, &cgroup, &none);
	if (!known)
		add_overflow(OVERFLOW_SEEN, 1);
	else if (!(known->bits[number / 64] & bit))
		__sync_fetch_and_or(&known->bits[number / 64], bit);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(usage_syscalls, struct pt_regs *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct call_key key = {.number = id};
	struct call_usage fresh = {}, *known;
	void *calls_of_now = table_of_now(&calls);

	if ((__s32)key.number < 0 || !calls_of_now || is_left_out(task))
		return 0;
	fill_owner(&key.owner, task);
	key.abi = abi_of(task, key.number);
	key.number &= ~X32_SYSCALL_BIT;
	if (key.number >= USAGE_CALLS)
		key.number = USAGE_CALL_UNKNOWN;
	known = bpf_map_lookup_elem(calls_of_now, &key);
	if (!known) {
		/* Once per process, call and interval: so a bit costs nothing else. */
		mark_seen(&key);
		fill_owner_comm(fresh.comm, task);
		known = made_entry(calls_of_now, &key, &fresh);
	}
	if (known)
		__sync_fetch_and_add(&known->count, 1);
	else
		add_overflow(OVERFLOW_CALLS, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
