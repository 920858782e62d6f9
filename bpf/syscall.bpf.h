/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* One system call as sys_exit shows it, of the native or the 32-bit ABI, brought to the native number. */
#ifndef EUNOMIA_SYSCALL_BPF_H
#define EUNOMIA_SYSCALL_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "header.bpf.h"
#include "kernel/syscall_regs.h"

struct syscall {
	__u32 number; /* enum syscall_number */
	_Bool is_32_bit;
	long result;
	__u64 first;
	__u64 second;
	__u64 third;
	__u64 fourth;
};

/* The native number of a 32-bit call that we look at; NO_SYSCALL for all others. */
static __always_inline __u32 native_number(__u32 number)
{
	switch (number) {
	case NR_OPEN_32:
		return NR_OPEN;
	case NR_CREAT_32:
		return NR_CREAT;
	case NR_EXECVE_32:
		return NR_EXECVE;
	case NR_OPENAT_32:
		return NR_OPENAT;
	case NR_EXECVEAT_32:
		return NR_EXECVEAT;
	case NR_OPENAT2_32:
		return NR_OPENAT2;
	}
	return NO_SYSCALL;
}

/*
 * All at once, before the calls are told apart: read in each branch, the compiler joins the loads into one through a
 * chosen pointer, which the verifier refuses ("same insn cannot be used with different pointers").
 */
static __always_inline void read_args(struct syscall *call, struct pt_regs *regs)
{
	__u64 first, second, third, fourth;

	if (call->is_32_bit) {
		first = SYSCALL_ARG_1_32(regs);
		second = SYSCALL_ARG_2_32(regs);
		third = SYSCALL_ARG_3_32(regs);
		fourth = SYSCALL_ARG_4_32(regs);
	} else {
		first = SYSCALL_ARG_1(regs);
		second = SYSCALL_ARG_2(regs);
		third = SYSCALL_ARG_3(regs);
		fourth = SYSCALL_ARG_4(regs);
	}
	barrier_var(first);
	barrier_var(second);
	barrier_var(third);
	barrier_var(fourth);
	call->first = first;
	call->second = second;
	call->third = third;
	call->fourth = fourth;
}

#endif
