/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Where the registers keep number, arguments and ABI of a system call at sys_exit, per architecture. */
#ifndef EUNOMIA_SYSCALL_REGS_H
#define EUNOMIA_SYSCALL_REGS_H
#include "kernel/task.h"
#include "kernel/begin.h"

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r9;
	unsigned long r8;
	unsigned long r10;
	unsigned long bx;
	unsigned long bp;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};
/* arch/x86/include/uapi/asm/unistd.h: in the number of a call of the x32 ABI, which few kernels are built with. */
#define X32_SYSCALL_BIT	     0x40000000
/* arch/x86/include/asm/thread_info.h: set from entry to the return to user space of an int 0x80 or compat call. */
#define TS_COMPAT	     0x0002
#define IS_32_BIT_CALL(task) ((task)->thread_info.status & TS_COMPAT)
#define SYSCALL_NUMBER(regs) ((__u32)(regs)->orig_ax)
#define READ_ARGS(args, regs)                                                                                          \
	(args)[0] = (regs)->di, (args)[1] = (regs)->si, (args)[2] = (regs)->dx, (args)[3] = (regs)->r10,               \
	(args)[4] = (regs)->r8, (args)[5] = (regs)->r9
#define READ_ARGS_32(args, regs)                                                                                       \
	(args)[0] = (__u32)(regs)->bx, (args)[1] = (__u32)(regs)->cx, (args)[2] = (__u32)(regs)->dx,                   \
	(args)[3] = (__u32)(regs)->si, (args)[4] = (__u32)(regs)->di, (args)[5] = (__u32)(regs)->bp
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
#define X32_SYSCALL_BIT	     0
/* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT	     22
#define IS_32_BIT_CALL(task) ((task)->thread_info.flags & (1UL << TIF_32BIT))
#define SYSCALL_NUMBER(regs) ((__u32)(regs)->syscallno)
/* x0 holds the result already */
#define READ_ARGS(args, regs)                                                                                          \
	(args)[0] = (regs)->orig_x0, (args)[1] = (regs)->regs[1], (args)[2] = (regs)->regs[2],                         \
	(args)[3] = (regs)->regs[3], (args)[4] = (regs)->regs[4], (args)[5] = (regs)->regs[5]
#define READ_ARGS_32(args, regs)                                                                                       \
	(args)[0] = (__u32)(regs)->orig_x0, (args)[1] = (__u32)(regs)->regs[1], (args)[2] = (__u32)(regs)->regs[2],    \
	(args)[3] = (__u32)(regs)->regs[3], (args)[4] = (__u32)(regs)->regs[4], (args)[5] = (__u32)(regs)->regs[5]
#else
#error "define __TARGET_ARCH_x86 or __TARGET_ARCH_arm64"
#endif

#include "kernel/end.h"
#endif
