/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* KIND_OPEN: what the open calls have in common, once the dispatcher of syscalls.bpf.c has read their registers. */
#ifndef EUNOMIA_OPEN_BPF_H
#define EUNOMIA_OPEN_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "call_texts.bpf.h"
#include "emit.bpf.h"
#include "header.bpf.h"
#include "call_record.bpf.h"

/* include/linux/fs.h: set by lookup_open() when this call made the file; in f_mode since 4.19. */
#define FMODE_CREATED 0x100000

/* An open call, whichever it was. */
struct open_call {
	const char *argument;
	int folder; /* descriptor that a relative argument starts from */
	__u64 flags;
	__u32 mode;
	__u32 number;
	long result;
};

static __always_inline _Bool is_read_only(__u64 flags)
{
	return (flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC | __O_TMPFILE));
}

/*
 * The path of what was really opened: no TOCTOU with the memory of the caller. Another thread that closes and reuses
 * the descriptor between the call's end and here shows its own file; that file was opened by the same process then,
 * with an event of its own.
 */
static __always_inline __u32 put_opened_path(struct scratch *scratch, __u32 at, struct task_struct *task,
					     struct file *file)
{
	struct open_event *event = (void *)scratch->bytes;
	struct inode *inode = file->f_inode;
	__u32 start = at;

	event->inode = inode->i_ino;
	event->device = inode->i_sb->s_dev;
	if (file->f_mode & FMODE_CREATED)
		event->open_flags |= OPEN_CREATED;
	at = put_walked(scratch, at, task, &file->f_path, &event->text_flags);
	event->path_length = at - start;
	return at;
}

static __always_inline int emit_open(struct task_struct *task, const struct open_call *call)
{
	struct scratch *scratch;
	struct open_event *event;
	struct file *file = NULL;
	__u32 at = sizeof(*event);

	/* Filters first: they cost a test, all that follows costs memory. */
	if (is_ignored(task) || (!knob_open_reads && is_read_only(call->flags)))
		return suppress(KIND_OPEN);
	scratch = take_scratch();
	if (!scratch)
		return lose(TOPIC_FILE, KIND_OPEN);
	event = (void *)scratch->bytes;
	begin_call_record(KIND_OPEN);
	event->header.syscall = call->number;
	event->header.result = call->result;
	event->flags = call->flags;
	event->inode = 0;
	event->device = 0;
	event->mode = call->mode;
	event->open_flags = 0;
	event->path_length = 0;
	event->argument_length = 0;
	event->text_flags = 0;
	if (call->result >= 0) {
		file = file_of(task, call->result);
		if (file)
			at = put_opened_path(scratch, at, task, file);
		else
			event->text_flags |= TEXT_PATH_FAULT;
	}
	if (!file) { /* nothing to walk from: the call failed, or another thread closed the descriptor */
		at = put_base(scratch, at, task, call->folder, call->argument, &event->text_flags);
		event->path_length = at - sizeof(*event);
	}
	if (!file || knob_open_argument)
		at = put_user_text(scratch, at, call->argument, &event->argument_length, &event->text_flags,
				   TEXT_ARGUMENT_TRUNCATED, TEXT_ARGUMENT_FAULT);
	return emit_bulk(TOPIC_FILE, KIND_OPEN, &event->header, at);
}

#endif
