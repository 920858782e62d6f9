// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The processes that run already, read at start: an iter/task program, because /proc has start times in ticks of 10 ms
 * only, which would make other process ids than those of fork and exec. It reads kernel memory only, and can't wait:
 * memory of another process may lie in a file that a process serves (FUSE), in a range whose faults a process answers
 * (userfaultfd), or under a lock that one never gives back. The loader reads the arguments, with a deadline
 * (native/src/programs/task_args.cc).
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "process/exec_streams.bpf.h"
#include "process/exec_texts.bpf.h"
#include "process/facts.bpf.h"
#include "record/header.bpf.h"
#include "process/namespaces.bpf.h"

/* A record must fit the iterator's buffer of 8 pages (kernel/bpf/bpf_iter.c): 8 + 528 + 5 * 4352 for the texts, and
 * 5 * (40 + 128 + 256) for the places, < 32768. */
#define RING_HEADER_BYTES 8

/* Where the arguments are, for the loader. Tasks have no sequence: seq holds the address until then. */
static __always_inline void put_args_place(struct exec_event *event, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	__u64 length;

	event->args_length = 0;
	event->args_total = 0;
	if (!mm)
		return;
	length = mm->arg_end - mm->arg_start;
	event->header.seq = mm->arg_start;
	event->args_total = length < 0xffffffff ? length : 0xffffffff;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *plain;
	__u64 ring_header = 0, padding = 0;
	__u32 zero = 0, at = sizeof(struct exec_event), pad_bytes;
	struct exec_event *event;
	struct scratch *scratch;

	if (!task || task->pid != task->tgid)
		return 0;
	scratch = bpf_map_lookup_elem(&task_scratch, &zero);
	if (!scratch)
		return 0;
	event = (void *)scratch->bytes;
	plain = plain_task(task);
	fill_header(&event->header, KIND_TASK, plain);
	fill_facts(&event->facts, plain);
	fill_namespaces(&event->namespaces, plain);
	event->filename_length = 0;
	event->text_flags = 0;
	put_args_place(event, plain);
	at = put_exec_paths(scratch, at, plain);
	at = put_streams(scratch, at, plain, 1);
	event->environment_length = 0;
	event->environment_flags = 0;
	at = put_exec_places(scratch, at, 1);
	barrier_var(at);
	if (at > SCRATCH_BYTES)
		return 0;
	ring_header = at;
	bpf_seq_write(ctx->meta->seq, &ring_header, RING_HEADER_BYTES);
	bpf_seq_write(ctx->meta->seq, event, at);
	pad_bytes = -at & 7;
	if (pad_bytes)
		bpf_seq_write(ctx->meta->seq, &padding, pad_bytes);
	return 0;
}
