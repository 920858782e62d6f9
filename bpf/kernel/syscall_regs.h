/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * System calls per architecture: numbers, and where the registers keep number and arguments at sys_exit; both for the
 * native ABI and for the 32-bit one (i386, arm), whose numbers mean other calls.
 */
#ifndef EUNOMIA_SYSCALL_REGS_H
#define EUNOMIA_SYSCALL_REGS_H
#include "task.h"
#include "begin.h"

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bx;
	unsigned long cx;
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long r10;
	unsigned long orig_ax;
};
enum syscall_number {
	NR_OPEN = 2,
	NR_EXECVE = 59,
	NR_CREAT = 85,
	NR_OPENAT = 257,
	NR_EXECVEAT = 322,
	NR_OPENAT2 = 437,
};
/* arch/x86/entry/syscalls/syscall_32.tbl */
enum syscall_number_32 {
	NR_OPEN_32 = 5,
	NR_CREAT_32 = 8,
	NR_EXECVE_32 = 11,
	NR_OPENAT_32 = 295,
	NR_EXECVEAT_32 = 358,
	NR_OPENAT2_32 = 437,
};
/* arch/x86/include/uapi/asm/unistd.h: in the number of a call of the x32 ABI, which few kernels are built with. */
#define X32_SYSCALL_BIT	       0x40000000
/* arch/x86/include/asm/thread_info.h: set from entry to the return to user space of an int 0x80 or compat call. */
#define TS_COMPAT	       0x0002
#define IS_32_BIT_CALL(task)   ((task)->thread_info.status & TS_COMPAT)
#define SYSCALL_NUMBER(regs)   ((__u32)(regs)->orig_ax)
#define SYSCALL_ARG_1(regs)    ((regs)->di)
#define SYSCALL_ARG_2(regs)    ((regs)->si)
#define SYSCALL_ARG_3(regs)    ((regs)->dx)
#define SYSCALL_ARG_4(regs)    ((regs)->r10)
#define SYSCALL_ARG_1_32(regs) ((__u32)(regs)->bx)
#define SYSCALL_ARG_2_32(regs) ((__u32)(regs)->cx)
#define SYSCALL_ARG_3_32(regs) ((__u32)(regs)->dx)
#define SYSCALL_ARG_4_32(regs) ((__u32)(regs)->si)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
enum syscall_number {
	NR_OPENAT = 56,
	NR_EXECVE = 221,
	NR_EXECVEAT = 281,
	NR_OPENAT2 = 437,
	/* arm64 has neither; its 32-bit ABI does. Numbers that no call will have. */
	NR_OPEN = 0x7ffffffe,
	NR_CREAT = 0x7fffffff,
};
/* arch/arm64/tools/syscall_32.tbl */
enum syscall_number_32 {
	NR_OPEN_32 = 5,
	NR_CREAT_32 = 8,
	NR_EXECVE_32 = 11,
	NR_OPENAT_32 = 322,
	NR_EXECVEAT_32 = 387,
	NR_OPENAT2_32 = 437,
};
#define X32_SYSCALL_BIT	       0
/* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT	       22
#define IS_32_BIT_CALL(task)   ((task)->thread_info.flags & (1UL << TIF_32BIT))
#define SYSCALL_NUMBER(regs)   ((__u32)(regs)->syscallno)
#define SYSCALL_ARG_1(regs)    ((regs)->orig_x0) /* x0 holds the result already */
#define SYSCALL_ARG_2(regs)    ((regs)->regs[1])
#define SYSCALL_ARG_3(regs)    ((regs)->regs[2])
#define SYSCALL_ARG_4(regs)    ((regs)->regs[3])
#define SYSCALL_ARG_1_32(regs) ((__u32)SYSCALL_ARG_1(regs))
#define SYSCALL_ARG_2_32(regs) ((__u32)SYSCALL_ARG_2(regs))
#define SYSCALL_ARG_3_32(regs) ((__u32)SYSCALL_ARG_3(regs))
#define SYSCALL_ARG_4_32(regs) ((__u32)SYSCALL_ARG_4(regs))
#else
#error "define __TARGET_ARCH_x86 or __TARGET_ARCH_arm64"
#endif

#include "end.h"
#endif
