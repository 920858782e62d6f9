/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Which uses of calls with many uses are recorded. Programs make them by the thousand for their own ends; what is left
 * out is counted, but for calls that are no event of their kind at all.
 */
#ifndef EUNOMIA_KERNEL_CALL_FILTER_BPF_H
#define EUNOMIA_KERNEL_CALL_FILTER_BPF_H
#include <asm-generic/fcntl.h>
#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include "process/facts.bpf.h"
#include "record/header.bpf.h"
#include "kernel-call/ioctl_requests.h"
#include "kernel-call/syscall.bpf.h"

/* Standard input, output and error. */
#define STANDARD_STREAMS 3

/* fcntl that copies no descriptor; an ioctl of no interest, of which programs make most. */
static __always_inline _Bool is_no_event(const struct syscall *call)
{
	__u32 command = call->args[1];

	if (call->number == NR_IOCTL)
		return !is_ioctl_of_interest(command);
	return call->number == NR_FCNTL && command != F_DUPFD && command != F_DUPFD_CLOEXEC;
}

/* Copies onto a standard stream are how a shell is tied to a socket; all others are bookkeeping. */
static __always_inline _Bool is_copy_onto_stream(const struct syscall *call)
{
	if (call->number == NR_DUP2 || call->number == NR_DUP3)
		return (__u32)call->args[1] < STANDARD_STREAMS;
	return call->result >= 0 && call->result < STANDARD_STREAMS;
}

/* Programs, maps and what attaches or shares them; not the reading and writing of maps. */
static __always_inline _Bool is_bpf_of_interest(__u32 command)
{
	switch (command) {
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_OBJ_PIN:
	case BPF_OBJ_GET:
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_PROG_GET_FD_BY_ID:
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_LINK_CREATE:
	case BPF_LINK_UPDATE:
	case BPF_LINK_DETACH:
	case BPF_TOKEN_CREATE:
		return 1;
	}
	return 0;
}

/* Options that change rights, or what others see of the process. */
static __always_inline _Bool is_prctl_of_interest(__u32 option)
{
	switch (option) {
	case PR_SET_DUMPABLE:
	case PR_SET_KEEPCAPS:
	case PR_SET_NAME:
	case PR_SET_SECCOMP:
	case PR_CAPBSET_DROP:
	case PR_SET_SECUREBITS:
	case PR_SET_MM:
	case PR_SET_NO_NEW_PRIVS:
	case PR_CAP_AMBIENT:
	case PR_SET_PTRACER:
		return 1;
	}
	return 0;
}

/* Reading of a process that was attached before: a debugger does it by the thousand. include/uapi/linux/ptrace.h */
static __always_inline _Bool is_ptrace_read(__u32 request)
{
	switch (request) {
	case 1:	     /* PTRACE_PEEKTEXT */
	case 2:	     /* PTRACE_PEEKDATA */
	case 3:	     /* PTRACE_PEEKUSR */
	case 12:     /* PTRACE_GETREGS */
	case 14:     /* PTRACE_GETFPREGS */
	case 0x4201: /* PTRACE_GETEVENTMSG */
	case 0x4202: /* PTRACE_GETSIGINFO */
	case 0x4204: /* PTRACE_GETREGSET */
	case 0x420e: /* PTRACE_GET_SYSCALL_INFO */
		return 1;
	}
	return 0;
}

/* The caller's own number in its own namespace, which is where a call names processes. */
static __always_inline __u32 own_number(struct task_struct *task)
{
	struct pid *own = task->signal->pids[PIDTYPE_TGID];

	return pid_number(own, own->level);
}

/* personality(2): a query that changes nothing. */
#define PERSONALITY_QUERY 0xffffffffU

/* The signal of a call that sends one: 0 only checks that the process exists. */
static __always_inline __u32 signal_of(const struct syscall *call)
{
	return call->number == NR_TGKILL || call->number == NR_RT_TGSIGQUEUEINFO ? call->args[2] : call->args[1];
}

static __always_inline _Bool is_of_no_interest(struct task_struct *task, const struct syscall *call)
{
	switch (call->number) {
	case NR_DUP:
	case NR_DUP2:
	case NR_DUP3:
	case NR_FCNTL:
		return !is_copy_onto_stream(call);
	case NR_BPF:
		return !is_bpf_of_interest(call->args[0]);
	case NR_PRCTL: /* threads name themselves; only the name of the process is seen */
		return !is_prctl_of_interest(call->args[0]) ||
		       ((__u32)call->args[0] == PR_SET_NAME && task->pid != task->tgid);
	case NR_PTRACE:
		return is_ptrace_read(call->args[0]);
	case NR_PERSONALITY:
		return (__u32)call->args[0] == PERSONALITY_QUERY;
	case NR_TGKILL: /* a program that interrupts its own threads */
	case NR_RT_TGSIGQUEUEINFO:
		return !signal_of(call) || (__u32)call->args[0] == own_number(task);
	case NR_KILL:
	case NR_TKILL:
	case NR_RT_SIGQUEUEINFO:
	case NR_PIDFD_SEND_SIGNAL:
		return !signal_of(call);
	}
	return 0;
}

#endif
