/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* KIND_OPEN: what the open calls have in common, once the dispatcher of syscalls.bpf.c has read their registers. */
#ifndef EUNOMIA_OPEN_BPF_H
#define EUNOMIA_OPEN_BPF_H
#include <linux/bpf.h>
#include <linux/stat.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/call_texts.bpf.h"
#include "record/emit.bpf.h"
#include "record/header.bpf.h"
#include "kernel-call/call_record.bpf.h"
#include "record/filters.bpf.h"
#include "file/path_verdicts.bpf.h"

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
	_Bool is_by_handle;	   /* no argument: the caller names no path */
	_Bool are_flags_in_memory; /* openat2: another thread may have changed flags and mode since the call */
	_Bool is_x32;
	/* results of the filters */
	_Bool are_flags_of_file;
	_Bool is_by_path; /* rules name the files of such opens: this one, or it has no verdict */
	_Bool is_named;
	__u32 way;	     /* mode that the seed is for */
	__u64 argument_hash; /* 0 when the ticket is of the path alone */
	__u64 seed;	     /* of the hash that the path is reported with if no verdict is known; else 0 */
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
					     struct file *file, __u64 *ticket)
{
	struct open_event *event = (void *)scratch->bytes;
	struct inode *inode = file->f_inode;
	__u32 start = at;

	event->inode = inode->i_ino;
	event->device = inode->i_sb->s_dev;
	if (file->f_mode & FMODE_CREATED)
		event->open_flags |= OPEN_CREATED;
	at = put_hashed(scratch, at, task, &file->f_path, &event->text_flags, ticket, PLACE_OF_PATH);
	event->path_length = at - start;
	if (event->text_flags & TEXT_HAS_PLACE)
		find_real_file(&scratch->places[PLACE_OF_PATH].place, inode);
	return at;
}

/* Flags that act on the call only: do_dentry_open() in fs/open.c takes them from file.f_flags. */
#define FLAGS_OF_CALL (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC)
/* Flags of open(2) that file.f_flags keeps; the rest of its bits are the kernel's own. */
#define FLAGS_OF_FILE                                                                                                  \
	(O_ACCMODE | O_APPEND | O_NONBLOCK | O_DSYNC | FASYNC | O_DIRECT | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |      \
	 O_CLOEXEC | __O_SYNC | O_PATH | __O_TMPFILE)
#define PERMISSION_BITS 07777

/* What the caller had in memory, corrected by the file: its mode and status are the truth, and whether it was made. */
static __always_inline void correct_flags(struct open_call *open, struct file *file)
{
	open->are_flags_of_file = 1;
	open->flags = (open->flags & ~(__u64)FLAGS_OF_FILE) | (file->f_flags & FLAGS_OF_FILE);
	if (!(file->f_mode & FMODE_CREATED))
		return;
	if (!(open->flags & __O_TMPFILE))
		open->flags |= O_CREAT;
	open->mode = file->f_inode->i_mode & PERMISSION_BITS;
}

/* Set-user-id, or set-group-id with the group's right to execute: without that it is a mandatory lock. The mask of
 * umask(2) does not reach them. */
static __always_inline _Bool sets_id(__u32 mode)
{
	return mode & S_ISUID || (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
}

/* Bits of OPEN_WAY_*: what the file is opened for, as records have it (openWay() in
 * collector/ring-events/file-records.ts). A file without a name is new, too, and has no FMODE_CREATED. */
static __always_inline __u32 way_of_open(const struct open_call *open, struct file *file)
{
	__u32 access = open->flags & O_PATH ? O_ACCMODE : open->flags & O_ACCMODE;
	__u32 way = file && file->f_mode & FMODE_CREATED ? OPEN_WAY_CREATED : 0;

	if (access == O_RDONLY || access == O_RDWR)
		way |= OPEN_WAY_READ;
	if (access == O_WRONLY || access == O_RDWR)
		way |= OPEN_WAY_WRITE;
	/* Another thread may have closed the descriptor: what is not known to be old counts as new. */
	if (open->flags & (O_CREAT | __O_TMPFILE) && sets_id(open->mode) &&
	    (!file || way & OPEN_WAY_CREATED || open->flags & __O_TMPFILE))
		way |= OPEN_WAY_SET_ID;
	return way;
}

/* The filter that leaves the open out, or FILTER_NONE. */
static __always_inline __u32 choose_open(struct open_call *open)
{
	struct task_struct *task = current_task();
	struct file *file;
	__u32 way, verdict;
	__u64 seed, hash;
	__u8 choice;

	file = open->are_flags_in_memory && open->result >= 0 ? file_of(task, open->result) : NULL;
	if (file)
		correct_flags(open, file);
	if (open->is_x32)
		return FILTER_NONE;
	if (!knob_open_reads && is_read_only(open->flags))
		return FILTER_INTENT;
	if (open->is_by_handle) /* rare, and rules ask for all */
		return FILTER_NONE;
	/* Only such a call creates a file: the others need no lookup of the descriptor. */
	file = open->result >= 0 && open->flags & (O_CREAT | __O_TMPFILE) ? file_of(task, open->result) : NULL;
	way = way_of_open(open, file) % OPEN_WAYS;
	choice = open->result < 0 ? filters.open_failed[way] : filters.opened[way];
	if (choice == OPEN_LEFT_OUT)
		return FILTER_INTENT;
	if (choice < OPEN_BY_PATH || open->result < 0)
		return FILTER_NONE;
	file = file_of(task, open->result);
	if (!file)
		return FILTER_NONE;
	open->is_by_path = 1;
	seed = path_seed(way, file->f_inode);
	hash = hash_of_path(file, task->fs, seed);
	verdict = choice == OPEN_BY_ARGUMENT ? PATH_EMITTED : verdict_of_path(hash);
	if (verdict == PATH_EMITTED && choice != OPEN_BY_PATH) {
		open->argument_hash = knob_open_argument ? hash_of_argument((__u64)open->argument) : 0;
		if (!open->argument_hash)
			return FILTER_NONE;
		verdict = verdict_of_path(with_argument(hash, open->argument_hash));
	}
	if (verdict == PATH_LEFT_OUT)
		return FILTER_PATH;
	open->way = way;
	open->is_named = verdict == PATH_EMITTED;
	open->seed = open->is_named ? 0 : seed;
	return FILTER_NONE;
}

/* Global as begin_call_record() is, and all in one: of what most opens cost, calls of functions are a large part. The
 * filter that left the open out, which is counted, or FILTER_NONE. */
__noinline int filter_of_open(struct open_call *open)
{
	__u32 filter;

	if (!open) /* never; the verifier can't know */
		return FILTER_NONE;
	filter = choose_open(open);
	if (filter != FILTER_NONE)
		count_suppressed(filter, KIND_OPEN, 1);
	return filter;
}

/* Files whose opens rules name, as verdicts on some of their paths said. */
struct named_file {
	__u64 inode;
	__u64 device;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, NAMED_FILES);
	__type(key, struct named_file);
	__type(value, __u64); /* seed of the path filters that it is of */
} named_files SEC(".maps");

/* Whether a rule names the file, by the verdict on this open or by one on an earlier open, whatever the file was called
 * then. Only asked of opens that are reported. */
static __always_inline _Bool is_file_named(struct inode *inode, _Bool is_named)
{
	struct named_file key = {.inode = inode->i_ino, .device = inode->i_sb->s_dev};
	__u64 *known = bpf_map_lookup_elem(&named_files, &key), filters_now = filters.path_seed;
	_Bool is_known = known && *known == filters_now;

	if (is_named && !is_known)
		bpf_map_update_elem(&named_files, &key, &filters_now, BPF_ANY);
	return is_named || is_known;
}

static __always_inline __u32 put_ticket(struct scratch *scratch, __u32 at, __u64 path_hash, __u64 argument_hash)
{
	__u64 hash = argument_hash ? with_argument(path_hash, argument_hash) : path_hash,
	      ticket = (hash & ~(__u64)PATH_VERDICT_BITS) | (argument_hash ? TICKET_OF_ARGUMENT : 0);
	struct open_event *event = (void *)scratch->bytes;

	barrier_var(at);
	if (!path_hash || at > SCRATCH_BYTES - sizeof(ticket))
		return at;
	event->open_flags |= OPEN_HAS_TICKET;
	__builtin_memcpy(scratch->bytes + at, &ticket, sizeof(ticket));
	return at + sizeof(ticket);
}

/* Of an open that filter_of_open() does not leave out. Global as begin_call_record() is, or the verifier would check it
 * once for each of the calls that open. */
__noinline int emit_open(struct open_call *call)
{
	struct task_struct *task = current_task();
	struct scratch *scratch;
	struct open_event *event;
	struct file *file;
	__u32 at = sizeof(*event), budget = KIND_OPEN, start;

	if (!call) /* never; the verifier can't know */
		return 0;
	file = call->result >= 0 ? file_of(task, call->result) : NULL;
	if (file && call->is_by_path && is_file_named(file->f_inode, call->is_named))
		budget = KEY_NAMED_OPEN;
	/* Opens are not refused but dropped: who makes most of them is the first whom the full ring has no room for. */
	if (is_bulk_pressed()) {
		if (budget == KIND_OPEN && call->is_by_path && are_opens_crowded())
			return lose(TOPIC_FILE, KIND_OPEN);
		if (is_over_budget(budget, call->number << 16 | (call->flags & O_ACCMODE), call->result))
			return count_lost(TOPIC_FILE, KIND_OPEN);
	}
	scratch = take_scratch(KIND_OPEN);
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
	event->open_flags = call->are_flags_of_file ? OPEN_FLAGS_OF_FILE : 0;
	event->path_length = 0;
	event->argument_length = 0;
	event->text_flags = 0;
	if (file)
		at = put_opened_path(scratch, at, task, file, &call->seed);
	else if (call->result >= 0)
		event->text_flags |= TEXT_PATH_FAULT;
	/* Nothing to walk from: the call failed, or another thread closed the descriptor. There is no verdict then. */
	if (!file)
		call->seed = 0;
	if (!file && !call->is_by_handle) {
		at = put_base(scratch, at, task, call->folder, call->argument, &event->text_flags, PLACE_OF_PATH);
		event->path_length = at - sizeof(*event);
	}
	start = at;
	if (!call->is_by_handle && (!file || knob_open_argument))
		at = put_user_text(scratch, at, call->argument, &event->argument_length, &event->text_flags,
				   TEXT_ARGUMENT_TRUNCATED, TEXT_ARGUMENT_FAULT);
	/* Another thread may have changed the argument, or what the descriptor leads to. */
	if (call->seed && ((call->argument_hash && !is_hashed_argument(start, call->argument_hash)) ||
			   way_of_open(call, file) % OPEN_WAYS != call->way))
		call->seed = 0;
	at = put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
	at = put_ticket(scratch, at, call->seed, call->argument_hash);
	return emit_charged(TOPIC_FILE, KIND_OPEN, budget, &event->header, at);
}

#endif
