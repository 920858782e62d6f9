/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Counts the calls that nothing is known of. All others pay for one bit of a table. */
#ifndef EUNOMIA_UNKNOWN_CALLS_BPF_H
#define EUNOMIA_UNKNOWN_CALLS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/syscall.bpf.h"
#include "kernel-call/unknown_calls.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UNKNOWN_CALLS + 1);
	__type(key, struct unknown_call);
	__type(value, __u64);
} unknown_calls SEC(".maps");

/* Made up numbers that have an entry. */
__u32 made_up_calls;

static __always_inline __u32 abi_of_number(const struct syscall *call)
{
	return call->is_x32 ? ABI_X32 : call->is_32_bit ? ABI_COMPAT_32 : ABI_NATIVE;
}

/* Numbers of x32 are those of x86-64, and some of its own. */
static __always_inline _Bool is_known_call(const struct syscall *call)
{
	__u32 number = call->abi_number;
	__u64 word;

#if X32_SYSCALL_BIT
	if (call->is_x32 && number >= X32_FIRST && number < X32_FIRST + X32_CALLS)
		return 1;
#endif
	if (number >= CALLS_MAX)
		return 0;
	word = call->is_32_bit && !call->is_x32 ? known_calls_of_32_bit[number / 64] : known_native_calls[number / 64];
	return word >> (number % 64) & 1;
}

static __always_inline _Bool count_known_key(struct unknown_call *key)
{
	__u64 *known = bpf_map_lookup_elem(&unknown_calls, key);

	if (known)
		__sync_fetch_and_add(known, 1);
	return !!known;
}

/* Global as begin_call_record() is. */
__noinline int count_unknown_call(__u32 number, __u32 abi)
{
	struct unknown_call key = {.number = number, .abi = abi};
	__u64 none = 0;

	if (count_known_key(&key))
		return 0;
	if (number >= UNKNOWN_CALLS_PLAIN && __sync_fetch_and_add(&made_up_calls, 1) >= UNKNOWN_CALLS_MADE_UP) {
		__sync_fetch_and_add(&made_up_calls, -1);
		key.number = UNKNOWN_CALL_OTHERS;
		key.abi = 0;
	}
	bpf_map_update_elem(&unknown_calls, &key, &none, BPF_NOEXIST);
	count_known_key(&key);
	return 0;
}

#endif
