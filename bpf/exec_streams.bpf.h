/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the standard streams of a process lead to when it begins a program: whoever made them so, and long before. The
 * files of an exec are those of the new program, as begin_new_exec() (fs/exec.c) has closed the others already.
 */
#ifndef EUNOMIA_EXEC_STREAMS_BPF_H
#define EUNOMIA_EXEC_STREAMS_BPF_H
#include "call_texts.bpf.h"
#include "event.h"
#include "socket_facts.bpf.h"
#include "unix_name.bpf.h"
#include "walk.bpf.h"

/* include/uapi/linux/magic.h: pipes that have no name */
#define PIPEFS_MAGIC 0x50495045

/* A pipe has no name, a socket but for a unix one has addresses: walking is for the others. */
static __always_inline __u32 put_stream_name(struct scratch *scratch, __u32 at, struct task_struct *task,
					     struct file *file, struct stream_facts *stream)
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
	at = put_walked(scratch, at, task, &file->f_path, &flags);
	stream->name_length = at - start;
	if (flags & TEXT_PATH_TRUNCATED) {
		stream->flags |= STREAM_NAME_TRUNCATED;
		event->text_flags |= TEXT_PATH_TRUNCATED;
	}
	if (flags & TEXT_PATH_UNREACHABLE)
		stream->flags |= STREAM_NAME_UNREACHABLE;
	return at;
}

/* Appends the names of the streams at `at`; returns the position behind them. */
static __always_inline __u32 put_streams(struct scratch *scratch, __u32 at, struct task_struct *task)
{
	struct exec_event *event = (void *)scratch->bytes;
	struct file *files[STREAMS];

	__builtin_memset(event->streams, 0, sizeof(event->streams));
	for (__u32 number = 0; number < STREAMS; number++) {
		struct stream_facts *stream = &event->streams[number];
		struct file *file = file_of(task, number);

		files[number] = file;
		if (!file)
			continue;
		stream->mode = file->f_inode->i_mode;
		stream->inode = file->f_inode->i_ino;
		if (number > 0 && file == files[0])
			stream->flags = STREAM_IS_STDIN;
		else if (number > 1 && file == files[1])
			stream->flags = STREAM_IS_STDOUT;
		else
			at = put_stream_name(scratch, at, task, file, stream);
	}
	return at;
}

#endif
