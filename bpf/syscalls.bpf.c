// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The one program on system calls. At sys_exit the registers still hold number and arguments, and the result is known:
 * one program there costs half of a pair at enter and exit, and less than a tracepoint per call. syscall_exit_work() in
 * kernel/entry/common.c (5.9; syscall.c since 6.18; syscall_slow_exit_work() of each architecture before).
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "exec_refused.bpf.h"
#include "kernel/syscall_regs.h"
#include "open.bpf.h"

/* include/uapi/linux/openat2.h, first version; a longer one starts the same way. */
struct open_how {
	__u64 flags;
	__u64 mode;
	__u64 resolve;
};

static __always_inline _Bool is_open(__u32 number)
{
	return number == NR_OPENAT || number == NR_OPENAT2 || number == NR_OPEN || number == NR_CREAT;
}

/*
 * The registers are read before the calls are told apart. Read in each branch, the compiler joins the loads into one
 * through a chosen pointer (registers or stack), which the verifier refuses: "same insn cannot be used with different
 * pointers".
 */
static __always_inline int on_open(struct task_struct *task, struct pt_regs *regs, __u32 number, long result)
{
	__u64 first = SYSCALL_ARG_1(regs), second = SYSCALL_ARG_2(regs), third = SYSCALL_ARG_3(regs),
	      fourth = SYSCALL_ARG_4(regs);
	struct open_call call = {.number = number, .result = result};
	struct open_how how = {};

	barrier_var(first);
	barrier_var(second);
	barrier_var(third);
	barrier_var(fourth);
	if (number == NR_OPENAT) { /* dirfd, path, flags, mode */
		call.argument = (void *)second;
		call.flags = (__u32)third;
		call.mode = fourth;
	} else if (number == NR_OPENAT2) { /* dirfd, path, how, size */
		bpf_probe_read_user(&how, sizeof(how), (void *)third);
		call.argument = (void *)second;
		call.flags = how.flags;
		call.mode = how.mode;
	} else if (number == NR_OPEN) { /* path, flags, mode */
		call.argument = (void *)first;
		call.flags = (__u32)second;
		call.mode = third;
	} else { /* path, mode */
		call.argument = (void *)first;
		call.flags = O_CREAT | O_WRONLY | O_TRUNC;
		call.mode = second;
	}
	return emit_open(task, &call);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(syscalls, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 number = SYSCALL_NUMBER(regs);

	if (IS_FOREIGN_ABI(task, number))
		return suppress(KIND_NONE);
	if (is_open(number))
		return on_open(task, regs, number, result);
	if (result < 0 && number == NR_EXECVE) /* path, argv, envp */
		return emit_exec_refused(task, number, (void *)SYSCALL_ARG_1(regs), (void *)SYSCALL_ARG_2(regs),
					 result);
	if (result < 0 && number == NR_EXECVEAT) /* dirfd, path, argv, envp, flags */
		return emit_exec_refused(task, number, (void *)SYSCALL_ARG_2(regs), (void *)SYSCALL_ARG_3(regs),
					 result);
	return 0;
}
