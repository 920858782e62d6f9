/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* KIND_EXEC_REFUSED: an execve or execveat that returned. Its arguments are only in the memory of the caller. */
#ifndef EUNOMIA_EXEC_REFUSED_BPF_H
#define EUNOMIA_EXEC_REFUSED_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/emit.bpf.h"
#include "record/header.bpf.h"
#include "kernel-call/syscall.bpf.h"

/* Arguments that are read. The first ones show what a refused exec would have done. */
#define REFUSED_ARGS 1024

struct argv_walk {
	struct scratch *scratch;
	__u64 argv;
	_Bool is_32_bit;
	__u64 flags;
	__u64 is_done;
};

/* The address of an argument, from the array of the caller: of 32-bit pointers for a 32-bit call. */
static __always_inline long read_pointer(const struct argv_walk *walk, __u32 index, __u64 *pointer)
{
	__u32 half = 0;
	long error;

	if (!walk->is_32_bit)
		return bpf_probe_read_user(pointer, sizeof(*pointer), (void *)(walk->argv + index * sizeof(*pointer)));
	error = bpf_probe_read_user(&half, sizeof(half), (void *)(walk->argv + index * sizeof(half)));
	*pointer = half;
	return error;
}

static long argv_step(__u32 index, void *context)
{
	struct argv_walk *walk = context;
	struct scratch *scratch = walk->scratch;
	__u64 argument = 0;
	__u64 at = scratch->at, start = sizeof(struct exec_refused_event), room;
	long length;

	if (read_pointer(walk, index, &argument)) {
		walk->flags |= TEXT_ARGS_FAULT;
		goto done;
	}
	if (!argument)
		goto done;
	/* at - start < knob <= ARGS_MAX, so room is 1..ARGS_MAX and at + room <= start + ARGS_MAX < SCRATCH_BYTES. */
	if (at < start || at - start >= knob_args_bytes || at > start + ARGS_MAX) {
		walk->flags |= TEXT_ARGS_TRUNCATED;
		goto done;
	}
	room = knob_args_bytes - (at - start);
	barrier_var(room);
	if (room > PATH_BYTES)
		room = PATH_BYTES; /* at + PATH_BYTES <= start + ARGS_MAX + PATH_BYTES < SCRATCH_BYTES: what the
				      verifier sees */
	length = bpf_probe_read_user_str(scratch->bytes + at, room, (void *)argument);
	if (length < 0) {
		walk->flags |= TEXT_ARGS_FAULT;
		goto done;
	}
	if ((__u64)length == room)
		walk->flags |= TEXT_ARGS_TRUNCATED;
	scratch->at = at + length;
	return 0;
done:
	walk->is_done = 1;
	return 1;
}

static __always_inline int emit_exec_refused(struct task_struct *task, const struct syscall *call, const char *filename,
					     __u64 argv)
{
	struct scratch *scratch;
	struct exec_refused_event *event;
	__u64 at = sizeof(*event);
	struct argv_walk walk = {};
	long length;

	if (is_over_budget(KIND_EXEC_REFUSED, -call->result, call->result))
		return suppress(FILTER_BUDGET, KIND_EXEC_REFUSED);
	scratch = take_scratch(KIND_EXEC_REFUSED);
	if (!scratch)
		return lose(TOPIC_PROCESS, KIND_EXEC_REFUSED);
	event = (void *)scratch->bytes;
	fill_header(&event->header, KIND_EXEC_REFUSED, task);
	event->header.syscall = call->number;
	event->header.result = call->result;
	event->filename_length = 0;
	walk.scratch = scratch;
	walk.argv = argv;
	walk.is_32_bit = call->is_32_bit;
	scratch->at = at;
	if (argv)
		bpf_loop(REFUSED_ARGS, argv_step, &walk, 0);
	if (argv && !walk.is_done)
		walk.flags |= TEXT_ARGS_TRUNCATED;
	at = scratch->at;
	event->args_length = at - sizeof(*event);
	event->args_total = event->args_length;
	event->text_flags = walk.flags;
	if (at <= SCRATCH_BYTES - TEXT_ROOM) {
		length = bpf_probe_read_user_str(scratch->bytes + at, TEXT_ROOM, filename);
		if (length < 1) {
			event->text_flags |= TEXT_FILENAME_FAULT;
		} else {
			event->filename_length = length - 1;
			if (length == TEXT_ROOM)
				event->text_flags |= TEXT_FILENAME_TRUNCATED;
		}
	}
	return emit_security(TOPIC_PROCESS, KIND_EXEC_REFUSED, &event->header, at + event->filename_length);
}

#endif
