/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The beginning of the record of a system call. A global function, so that the verifier checks it once, and not again
 * after each path through the code before it: the branches of both would multiply.
 */
#ifndef EUNOMIA_CALL_RECORD_BPF_H
#define EUNOMIA_CALL_RECORD_BPF_H
#include "kernel/syscall_regs.h"
#include "record/header.bpf.h"
#include "record/maps.bpf.h"

/* Which ABI the call has that runs: enum header_flags. */
static __always_inline __u32 abi_of_call(void)
{
	struct task_struct *task = current_task();

	if (IS_32_BIT_CALL(task))
		return HEADER_COMPAT;
#if X32_SYSCALL_BIT
	if (((struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()))->orig_ax & X32_SYSCALL_BIT)
		return HEADER_X32;
#endif
	return 0;
}

/* Fills the header of the record in the scratch that was taken, for the task that runs. */
__noinline int begin_call_record(__u32 kind)
{
	struct scratch *scratch = own_scratch();
	struct event_header *header;

	if (!scratch)
		return 0;
	header = (void *)scratch->bytes;
	fill_header(header, kind, current_task());
	header->flags |= abi_of_call();
	return 0;
}

#endif
