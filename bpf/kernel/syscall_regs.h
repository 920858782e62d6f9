/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * System calls per architecture: numbers, where the registers keep number and arguments at sys_exit, and how a call of
 * another ABI (i386, x32, 32-bit arm) is told: their numbers mean other calls.
 */
#ifndef EUNOMIA_SYSCALL_REGS_H
#define EUNOMIA_SYSCALL_REGS_H
#include "task.h"
#include "begin.h"

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long r10;
	unsigned long orig_ax;
};
#define SYSCALL_NUMBER(regs)	     ((__u32)(regs)->orig_ax)
#define SYSCALL_ARG_1(regs)	     ((regs)->di)
#define SYSCALL_ARG_2(regs)	     ((regs)->si)
#define SYSCALL_ARG_3(regs)	     ((regs)->dx)
#define SYSCALL_ARG_4(regs)	     ((regs)->r10)
/* arch/x86/include/asm/thread_info.h: set from entry to the return to user space of an int 0x80 or compat call. */
#define TS_COMPAT		     0x0002
/* arch/x86/include/uapi/asm/unistd.h __X32_SYSCALL_BIT */
#define X32_SYSCALL_BIT		     0x40000000
#define IS_FOREIGN_ABI(task, number) (((task)->thread_info.status & TS_COMPAT) || ((number) & X32_SYSCALL_BIT))
enum syscall_number {
	NR_OPEN = 2,
	NR_EXECVE = 59,
	NR_CREAT = 85,
	NR_OPENAT = 257,
	NR_EXECVEAT = 322,
	NR_OPENAT2 = 437,
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
#define SYSCALL_NUMBER(regs)	     ((__u32)(regs)->syscallno)
#define SYSCALL_ARG_1(regs)	     ((regs)->orig_x0) /* x0 holds the result already */
#define SYSCALL_ARG_2(regs)	     ((regs)->regs[1])
#define SYSCALL_ARG_3(regs)	     ((regs)->regs[2])
#define SYSCALL_ARG_4(regs)	     ((regs)->regs[3])
/* arch/arm64/include/asm/thread_info.h TIF_32BIT */
#define TIF_32BIT		     22
#define IS_FOREIGN_ABI(task, number) ((task)->thread_info.flags & (1UL << TIF_32BIT))
enum syscall_number {
	NR_OPENAT = 56,
	NR_EXECVE = 221,
	NR_EXECVEAT = 281,
	NR_OPENAT2 = 437,
	/* arm64 has no open and creat; the numbers can't come from a register of 32 bits of a call that exists. */
	NR_OPEN = 0x7ffffffe,
	NR_CREAT = 0x7fffffff,
};
#else
#error "define __TARGET_ARCH_x86 or __TARGET_ARCH_arm64"
#endif

#include "end.h"
#endif
