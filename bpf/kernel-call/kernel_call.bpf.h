/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * KIND_MOUNT to KIND_IOCTL: calls that change rights, namespaces, other processes or the kernel itself. All have one
 * record: the arguments as the registers had them, and what can't be read from these afterwards.
 */
#ifndef EUNOMIA_KERNEL_CALL_BPF_H
#define EUNOMIA_KERNEL_CALL_BPF_H
#include <linux/mount.h>
#include <linux/stat.h>
#include "kernel-call/call_texts.bpf.h"
#include "record/emit.bpf.h"
#include "record/header.bpf.h"
#include "kernel-call/kernel_call_filter.bpf.h"
#include "kernel-call/kernel_call_numbers.bpf.h"
#include "kernel-call/kernel_call_texts.bpf.h"
#include "kernel-call/call_record.bpf.h"
#include "network/socket_facts.bpf.h"
#include "kernel-call/syscall.bpf.h"
#include "process/exec_streams.bpf.h"
#include "process/exec_texts.bpf.h"
#include "process/target.bpf.h"

/* The process of ptrace, process_vm_*, and of signals to one process. */
static __always_inline __s32 target_of(const struct syscall *call)
{
	switch (call->number) {
	case NR_PTRACE: /* request, pid */
		return call->args[0] == PTRACE_TRACEME ? 0 : call->args[1];
	case NR_PROCESS_VM_READV:
	case NR_PROCESS_VM_WRITEV:
	case NR_KILL:
	case NR_TKILL:
	case NR_TGKILL:
	case NR_RT_SIGQUEUEINFO:
	case NR_RT_TGSIGQUEUEINFO:
	case NR_PIDFD_OPEN:
		return call->args[0];
	}
	return 0;
}

/*
 * What a call with many uses asks for, as 16 bits, for is_over_budget(): only from small sets that the kernel accepts,
 * or a caller could make each of its calls a new one.
 */
static __always_inline __u32 request_of(struct task_struct *task, const struct syscall *call)
{
	struct file *file;

	switch (call->number) {
	case NR_PTRACE:
	case NR_BPF:
	case NR_PRCTL:
	case NR_KEYCTL:
	case NR_SECCOMP:
	case NR_IO_URING_REGISTER:
		return (__u16)call->args[0];
	case NR_FSCONFIG: /* enum fsconfig_command */
		return (__u16)call->args[1];
	case NR_UNSHARE: /* CLONE_NEW* */
		return (__u16)(call->args[0] >> 16);
	case NR_SETNS:
		return (__u16)(call->args[1] >> 16);
	case NR_SYSLOG: /* SYSLOG_ACTION_*: eleven */
		return call->args[0] & 15;
	case NR_IOCTL: /* of those that are reported */
		return (__u16)call->args[1];
	case NR_MOUNT: /* a bind, a move, a change of what is there, or something new */
		return (__u16)call->args[3] & (MS_BIND | MS_MOVE | MS_REMOUNT);
	case NR_MKNOD:
		return (call->args[1] & S_IFMT) >> 12;
	case NR_MKNODAT:
		return (call->args[2] & S_IFMT) >> 12;
	case NR_KILL:
	case NR_TKILL:
	case NR_TGKILL:
	case NR_RT_SIGQUEUEINFO:
	case NR_RT_TGSIGQUEUEINFO:
	case NR_PIDFD_SEND_SIGNAL:
		return (__u8)signal_of(call);
	case NR_SETUID:
	case NR_SETGID:
	case NR_SETREUID:
	case NR_SETREGID:
	case NR_SETRESUID:
	case NR_SETRESGID: /* to root, really or effectively */
		return !(__u32)call->args[0] | (!(__u32)call->args[1]) << 1;
	case NR_DUP:
	case NR_DUP2:
	case NR_DUP3:
	case NR_FCNTL: /* what is copied onto a stream: a file, a pipe, a socket */
		file = file_of(task, call->args[0]);
		return file ? file->f_inode->i_mode >> 12 : 0;
	}
	return 0;
}

/* Global as begin_call_record() is. The record has its header, result and arguments. */
__noinline int report_kernel_call(__u32 kind)
{
	struct task_struct *task = current_task();
	struct scratch *scratch = own_scratch();
	struct kernel_call_event *event;
	struct syscall call = {};

	if (!scratch)
		return 0;
	event = (void *)scratch->bytes;
	call.number = event->header.syscall;
	call.result = event->result;
#pragma unroll
	for (int i = 0; i < 6; i++)
		call.args[i] = event->args[i];
	fill_numbers(event, task, &call);
	find_target(event, task, target_of(&call));
	return emit_security(TOPIC_KERNEL, kind, &event->header, put_kernel_texts(scratch, task, &call));
}

/* Global as begin_call_record() is. KIND_STREAMS: what the standard streams of the task that runs lead to now. All of
 * them: any other call that makes descriptors may have put a file where one was closed. */
__noinline int report_streams(void)
{
	struct task_struct *task = current_task();
	struct scratch *scratch = take_scratch(KIND_STREAMS);
	struct exec_event *event;
	__u32 at = sizeof(*event);

	if (!scratch)
		return lose(TOPIC_CGROUP, KIND_STREAMS);
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	fill_header(&event->header, KIND_STREAMS, task);
	at = put_streams(scratch, at, task, 0);
	at = put_exec_places(scratch, at, 0);
	return emit_security(TOPIC_CGROUP, KIND_STREAMS, &event->header, at);
}

static __noinline int on_kernel_call(struct task_struct *task, const struct syscall *call, __u32 kind)
{
	struct kernel_call_event *event;
	struct scratch *scratch;

	if (is_of_no_interest(task, call))
		return suppress(FILTER_INTEREST, kind);
	if (is_over_budget(kind, call->number << 16 | request_of(task, call), call->result))
		return suppress(FILTER_BUDGET, kind);
	scratch = take_scratch(kind);
	if (!scratch)
		return lose(TOPIC_KERNEL, kind);
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	begin_call_record(kind);
	event->header.syscall = call->number;
	event->header.result = call->result;
	event->result = call->result;
#pragma unroll
	for (int i = 0; i < 6; i++)
		event->args[i] = call->args[i];
	report_kernel_call(kind);
	return kind == KIND_DUP && call->result >= 0 ? report_streams() : 0;
}

#endif
