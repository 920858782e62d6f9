/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the standard streams of a process lead to when it starts a program, even if they were set up long before. The
 * files of an exec are those of the new program, as begin_new_exec() (fs/exec.c) has closed the others already.
 */
#ifndef EUNOMIA_EXEC_STREAMS_BPF_H
#define EUNOMIA_EXEC_STREAMS_BPF_H
#include "kernel-call/call_texts.bpf.h"
#include "record/event.h"
#include "network/socket_facts.bpf.h"
#include "network/unix_name.bpf.h"
#include "file/walk.bpf.h"

/* include/uapi/linux/magic.h: pipes that have no name */
#define PIPEFS_MAGIC 0x50495045

/* scratch->call while streams are put: the files of the streams, and the process, as numbers. */
#define STREAM_TASK STREAMS

/* A pipe has no name, a socket but for a unix one has addresses: walking is for the others. */
static __always_inline __u32 put_stream_name(struct scratch *scratch, __u32 at, struct task_struct *task,
					     struct file *file, struct stream_facts *stream, __u32 slot)
{
	struct exec_event *event = (void *)scratch->bytes;
	struct sock *sk = socket_of(file);
	__u32 start = at, flags = 0;

	if (sk) {
		fill_socket(&stream->socket, sk);
		return put_unix_name(scratch, at, sk, &stream->name_length);
	}
	if (file->f_inode->i_sb->s_magic == PIPEFS_MAGIC) {
		stream->flags |= STREAM_NAME_UNREACHABLE;
		return at;
	}
	at = put_walked(scratch, at, task, &file->f_path, &flags, slot);
	stream->name_length = at - start;
	if (flags & TEXT_PATH_TRUNCATED) {
		stream->flags |= STREAM_NAME_TRUNCATED;
		event->text_flags |= TEXT_PATH_TRUNCATED;
	}
	if (flags & TEXT_PATH_UNREACHABLE)
		stream->flags |= STREAM_NAME_UNREACHABLE;
	if (flags & TEXT_HAS_PLACE)
		stream->flags |= STREAM_HAS_PLACE;
	return at;
}

/* One stream, whose name is put at `at`; returns the position after it. Global as begin_call_record() is: so what it
 * works on is in the scratch, that of the task iterator or that which this CPU took. */
__noinline int put_stream(__u32 number, __u32 at, __u32 is_iterator)
{
	struct scratch *scratch = scratch_of(is_iterator);
	struct stream_facts *stream;
	struct task_struct *task;
	struct file *file;

	if (!scratch || number >= STREAMS)
		return at;
	stream = &((struct exec_event *)scratch->bytes)->streams[number];
	task = bpf_core_cast((void *)scratch->call[STREAM_TASK], struct task_struct);
	file = file_of(task, number);
	scratch->call[number] = (__u64)file;
	if (!file)
		return at;
	stream->mode = file->f_inode->i_mode;
	stream->inode = file->f_inode->i_ino;
	if (number > 0 && scratch->call[number] == scratch->call[0]) {
		stream->flags = STREAM_IS_STDIN;
		return at;
	}
	if (number > 1 && scratch->call[number] == scratch->call[1]) {
		stream->flags = STREAM_IS_STDOUT;
		return at;
	}
	return put_stream_name(scratch, at, task, file, stream, PLACE_OF_STREAM + number);
}

/* Appends the names of the streams at `at`; returns the position after them. */
static __always_inline __u32 put_streams(struct scratch *scratch, __u32 at, struct task_struct *task, _Bool is_iterator)
{
	struct exec_event *event = (void *)scratch->bytes;

	__builtin_memset(event->streams, 0, sizeof(event->streams));
	scratch->call[STREAM_TASK] = (__u64)task;
	for (__u32 number = 0; number < STREAMS; number++)
		at = put_stream(number, at, is_iterator);
	return at;
}

#endif
