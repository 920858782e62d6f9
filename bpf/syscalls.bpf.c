// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The one program on system calls. At sys_exit the registers still hold number and arguments, and the result is known:
 * one program there costs half of a pair at enter and exit, and less than a tracepoint per call. syscall_exit_work() in
 * kernel/entry/common.c (5.9; syscall.c since 6.18; syscall_slow_exit_work() of each architecture before).
 */
#include <linux/bpf.h>
#include <linux/openat2.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "exec_refused.bpf.h"
#include "open.bpf.h"
#include "syscall.bpf.h"

static __always_inline _Bool is_open(__u32 number)
{
	return number == NR_OPENAT || number == NR_OPENAT2 || number == NR_OPEN || number == NR_CREAT;
}

static __always_inline int on_open(struct task_struct *task, const struct syscall *call)
{
	struct open_call open = {.folder = AT_FDCWD, .number = call->number, .result = call->result};
	struct open_how how = {};

	switch (call->number) {
	case NR_OPENAT: /* dirfd, path, flags, mode */
		open.folder = call->first;
		open.argument = (void *)call->second;
		open.flags = (__u32)call->third;
		open.mode = call->fourth;
		break;
	case NR_OPENAT2: /* dirfd, path, how, size */
		bpf_probe_read_user(&how, sizeof(how), (void *)call->third);
		open.folder = call->first;
		open.argument = (void *)call->second;
		open.flags = how.flags;
		open.mode = how.mode;
		break;
	case NR_OPEN: /* path, flags, mode */
		open.argument = (void *)call->first;
		open.flags = (__u32)call->second;
		open.mode = call->third;
		break;
	default: /* creat: path, mode */
		open.argument = (void *)call->first;
		open.flags = O_CREAT | O_WRONLY | O_TRUNC;
		open.mode = call->second;
	}
	return emit_open(task, &open);
}

static __always_inline int on_exec_refused(struct task_struct *task, const struct syscall *call)
{
	if (call->number == NR_EXECVE) /* path, argv, envp */
		return emit_exec_refused(task, call, (void *)call->first, call->second);
	return emit_exec_refused(task, call, (void *)call->second, call->third); /* dirfd, path, argv, envp, flags */
}

SEC("tp_btf/sys_exit")
int BPF_PROG(syscalls, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct syscall call = {.number = SYSCALL_NUMBER(regs), .result = result};
	_Bool is_refused_exec;

	if (IS_32_BIT_CALL(task)) {
		call.is_32_bit = 1;
		call.number = native_number(call.number);
		if (call.number == NO_SYSCALL)
			return 0;
	}
	is_refused_exec = result < 0 && (call.number == NR_EXECVE || call.number == NR_EXECVEAT);
	if (!is_refused_exec && !is_open(call.number)) /* of x32 nothing is read: so its opens count, too */
		return call.number & X32_SYSCALL_BIT ? suppress(KIND_NONE) : 0;
	read_args(&call, regs);
	return is_refused_exec ? on_exec_refused(task, &call) : on_open(task, &call);
}
