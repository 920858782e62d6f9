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
#include "kernel-call/call_kinds.bpf.h"
#include "process/exec_refused.bpf.h"
#include "file/file_change.bpf.h"
#include "record/filters.bpf.h"
#include "kernel-call/ipc_call.bpf.h"
#include "kernel-call/kernel_call.bpf.h"
#include "network/network.bpf.h"
#include "file/open.bpf.h"
#include "kernel-call/syscall.bpf.h"
#include "kernel-call/unknown_calls.bpf.h"

/* include/uapi/asm-generic/errno.h: ENOSYS */
#define ERROR_NO_CALL -38

static __always_inline int on_open(const struct syscall *call)
{
	struct open_call open = {
		.folder = AT_FDCWD, .number = call->number, .result = call->result, .is_x32 = call->is_x32};
	struct open_how how = {};

	switch (call->number) {
	case NR_OPENAT: /* dirfd, path, flags, mode */
		open.folder = call->args[0];
		open.argument = (void *)call->args[1];
		open.flags = (__u32)call->args[2];
		open.mode = call->args[3];
		break;
	case NR_OPENAT2: /* dirfd, path, how, size */
		bpf_probe_read_user(&how, sizeof(how), (void *)call->args[2]);
		open.folder = call->args[0];
		open.argument = (void *)call->args[1];
		open.flags = how.flags;
		open.mode = how.mode;
		open.are_flags_in_memory = 1;
		break;
	case NR_OPEN: /* path, flags, mode */
		open.argument = (void *)call->args[0];
		open.flags = (__u32)call->args[1];
		open.mode = call->args[2];
		break;
	case NR_OPEN_BY_HANDLE_AT: /* descriptor of a mount, handle, flags */
		open.flags = (__u32)call->args[2];
		open.is_by_handle = 1;
		break;
	default: /* creat: path, mode */
		open.argument = (void *)call->args[0];
		open.flags = O_CREAT | O_WRONLY | O_TRUNC;
		open.mode = call->args[1];
	}
	return filter_of_open(&open) == FILTER_NONE ? emit_open(&open) : 0;
}

/* Global, as on_socket_call() is. */
__noinline int on_exec_refused(const struct syscall *call)
{
	struct task_struct *task = current_task();

	if (!call) /* never; the verifier can't know */
		return 0;
	if (call->number == NR_EXECVE) /* path, argv, envp */
		return emit_exec_refused(task, call, (void *)call->args[0], call->args[1]);
	return emit_exec_refused(task, call, (void *)call->args[1], call->args[2]); /* dirfd, path, argv, envp, flags */
}

SEC("tp_btf/sys_exit")
int BPF_PROG(syscalls, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct syscall call = {.is_32_bit = !!IS_32_BIT_CALL(task), .number = SYSCALL_NUMBER(regs), .result = result};
	__u32 kind, filter, own_number;

	if ((__s32)call.number < 0) /* no call: the return of a signal handler */
		return 0;
	/* most kernels are built without x32, and refuse its calls: these count */
	if (call.number & X32_SYSCALL_BIT && result == ERROR_NO_CALL) {
		count_unknown_call(call.number & ~X32_SYSCALL_BIT, ABI_X32);
		return suppress(FILTER_INTEREST, KIND_NONE);
	}
	own_number = call.number & ~X32_SYSCALL_BIT;
	barrier_var(own_number); /* the verifier must see its bound and its use in one register */
	call.abi_number = own_number;
	if (call.number & X32_SYSCALL_BIT)
		call.number = our_number_of_x32(&call);
	else
		call.number = our_number(own_number, call.is_32_bit);
	if (call.number >= CALLS_MAX)
		return 0;
	kind = call_kind[call.number];
	if (dns_streams && is_transfer(call.number, own_number, call.is_32_bit) && call_kind[NR_SENDTO] == KIND_SEND) {
		read_args(&call, regs);
		return on_transfer(&call);
	}
	if (kind == KIND_NONE && !is_known_call(&call))
		return count_unknown_call(own_number, abi_of_number(&call));
	if (kind == KIND_NONE || (kind == KIND_EXEC_REFUSED && result >= 0))
		return 0;
	read_args(&call, regs);
	if (is_no_event(&call))
		return 0;
	if (is_removal_of_folder(&call))
		kind = KIND_RMDIR;
	/* socketcall multiplexes other calls: on_socket_call() checks the filter when it knows which one. */
	if (call.number == NR_SOCKETCALL)
		filter = FILTER_NONE;
	else if (call.is_x32) /* rare, and an evasion: no outcome, mode or path leaves it out */
		filter = filter_of_task(current_task());
	else
		filter = filter_of_kind(kind, result);
	if (filter != FILTER_NONE)
		return leave_call_out(&call, filter, kind);
	switch (kind) {
	case KIND_PIPE:
		return suppress(FILTER_INTEREST, KIND_PIPE);
	case KIND_EXEC_REFUSED:
		return on_exec_refused(&call);
	case KIND_OPEN:
		return on_open(&call);
	case KIND_RENAME ... KIND_TIMES:
		return on_file_change(&call, kind);
	case KIND_SOCKET ... KIND_CLOSE:
		return on_socket_call(&call, kind);
	}
	if (call.number == NR_IPC && !read_ipc_call(&call))
		return suppress(FILTER_INTEREST, kind);
	return on_kernel_call(plain_task(task), &call, kind);
}
