/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* One system call as sys_exit shows it, of the native, the 32-bit or the x32 ABI, under the number that records have.
 */
#ifndef EUNOMIA_SYSCALL_BPF_H
#define EUNOMIA_SYSCALL_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "record/header.bpf.h"
#include "kernel/syscall_regs.h"
#if defined(__TARGET_ARCH_x86)
#include "kernel/calls_x86.h"
#else
#include "kernel/calls_arm64.h"
#endif

struct syscall {
	__u32 number;	    /* enum call_number */
	__u32 abi_number;   /* as the caller's ABI numbers it */
	_Bool is_32_bit;    /* structures in the caller's memory have the 32-bit layout */
	_Bool is_x32;	    /* registers are those of a native call */
	_Bool is_fast_open; /* a send that connects, as the connect that it is */
	long result;
	__u64 args[6];
};

/* The number of a call in records; 0 for one that is not in the tables. */
static __always_inline __u32 our_number(__u32 number, _Bool is_32_bit)
{
	if (number >= CALLS_MAX)
		return 0;
	if (is_32_bit)
		return calls_of_32_bit[number];
#if NATIVE_NUMBER_IS_OURS
	return number;
#else
	return native_calls[number];
#endif
}

/* Of x32 most calls have the native number; those whose structures differ have numbers of their own. */
static __always_inline __u32 our_number_of_x32(struct syscall *call)
{
	call->is_x32 = 1;
#if X32_SYSCALL_BIT
	if (call->abi_number >= X32_FIRST) {
		call->is_32_bit = 1;
		return call->abi_number < X32_FIRST + X32_CALLS ? calls_of_x32[call->abi_number - X32_FIRST] : 0;
	}
#endif
	return our_number(call->abi_number, 0);
}

/*
 * All at once, before the calls are distinguished: read in each branch, the compiler joins the loads into one through a
 * chosen pointer, which the verifier refuses ("same insn cannot be used with different pointers").
 */
static __always_inline void read_args(struct syscall *call, struct pt_regs *regs)
{
	__u64 args[6];

	if (call->is_32_bit && !call->is_x32)
		READ_ARGS_32(args, regs);
	else
		READ_ARGS(args, regs);
#pragma unroll
	for (int i = 0; i < 6; i++) {
		barrier_var(args[i]);
		call->args[i] = call->is_32_bit ? (__u32)args[i] : args[i];
	}
}

#endif
