/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * KIND_RENAME to KIND_TIMES: calls that change names, modes, owners, lengths, extended attributes and times. They give
 * no descriptor, so a path is made from the folder and the argument of the call, after it: another thread may have
 * changed it, and the event says so. Calls on a descriptor (fchmod, ftruncate, fsetxattr) report the file itself.
 */
#ifndef EUNOMIA_FILE_CHANGE_BPF_H
#define EUNOMIA_FILE_CHANGE_BPF_H
#include "file/file_attributes.bpf.h"
#include "kernel-call/call_texts.bpf.h"
#include "record/emit.bpf.h"
#include "record/header.bpf.h"
#include "kernel-call/call_record.bpf.h"
#include "kernel-call/syscall.bpf.h"

/* include/uapi/linux/fcntl.h */
#ifndef AT_REMOVEDIR
#define AT_REMOVEDIR 0x200
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

static __always_inline void read_names(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;

	switch (call->number) {
	case NR_RENAME: /* old, new */
	case NR_LINK:
		change->argument = (void *)args[0];
		change->new_argument = (void *)args[1];
		break;
	case NR_SYMLINK: /* target, link */
		change->argument = (void *)args[1];
		change->new_argument = (void *)args[0];
		break;
	case NR_SYMLINKAT: /* target, folder, link */
		change->folder = args[1];
		change->argument = (void *)args[2];
		change->new_argument = (void *)args[0];
		break;
	default: /* renameat, renameat2, linkat: folder, old, folder, new, flags */
		change->folder = args[0];
		change->argument = (void *)args[1];
		change->new_folder = args[2];
		change->new_argument = (void *)args[3];
		if (call->number != NR_RENAMEAT)
			change->flags = (__u32)args[4];
	}
	change->has_new_path = change->kind != KIND_SYMLINK;
}

/* chmod, fchmod, fchmodat, fchmodat2; chown, lchown, fchown, fchownat. */
static __always_inline void read_attributes(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;
	_Bool has_folder = call->number == NR_FCHMODAT || call->number == NR_FCHMODAT2 || call->number == NR_FCHOWNAT;
	__u64 first = has_folder ? args[2] : args[1], second = has_folder ? args[3] : args[2];

	change->is_on_descriptor = call->number == NR_FCHMOD || call->number == NR_FCHOWN;
	if (change->is_on_descriptor || has_folder)
		change->folder = args[0];
	change->argument = (void *)(has_folder ? args[1] : args[0]);
	if (change->kind == KIND_CHMOD) {
		change->mode = first;
		if (call->number == NR_FCHMODAT2)
			change->flags = (__u32)second;
		return;
	}
	change->uid = first;
	change->gid = second;
	if (call->number == NR_FCHOWNAT)
		change->flags = (__u32)args[4];
}

/* unlink, rmdir, mkdir, and those with a folder. */
static __always_inline void read_entry(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;
	_Bool has_folder = call->number == NR_UNLINKAT || call->number == NR_MKDIRAT;

	if (has_folder)
		change->folder = args[0];
	change->argument = (void *)(has_folder ? args[1] : args[0]);
	if (change->kind == KIND_MKDIR)
		change->mode = has_folder ? args[2] : args[1];
	if (call->number != NR_UNLINKAT)
		return;
	change->flags = (__u32)args[2];
}

static __always_inline __u32 put_file(struct scratch *scratch, __u32 at, struct task_struct *task, __u32 descriptor)
{
	struct file_change_event *event = (void *)scratch->bytes;
	struct file *file = file_of(task, descriptor);
	__u32 start = at;

	if (!file) {
		event->text_flags |= TEXT_PATH_FAULT;
		return at;
	}
	event->inode = file->f_inode->i_ino;
	event->device = file->f_inode->i_sb->s_dev;
	at = put_walked(scratch, at, task, &file->f_path, &event->text_flags, PLACE_OF_PATH);
	event->path_length = at - start;
	return at;
}

/* AT_EMPTY_PATH with an empty argument: the call is on the descriptor itself. */
static __always_inline _Bool is_empty_path(const struct file_change *change)
{
	char first = 1;

	if (!(change->flags & AT_EMPTY_PATH) || change->kind == KIND_RENAME)
		return 0;
	bpf_probe_read_user(&first, sizeof(first), change->argument);
	return !first;
}

static __always_inline __u32 put_change_texts(struct scratch *scratch, struct task_struct *task,
					      const struct file_change *change)
{
	struct file_change_event *event = (void *)scratch->bytes;
	__u32 at = has_attributes(change->kind) ? sizeof(struct file_attribute_event) : sizeof(*event);

	if (change->is_on_descriptor || is_empty_path(change)) {
		at = put_file(scratch, at, task, change->folder);
	} else {
		at = put_argument_path(scratch, at, task, change->folder, change->argument, &event->path_length,
				       &event->argument_length, &event->text_flags, PLACE_OF_PATH);
	}
	if (!change->new_argument)
		return at;
	if (change->has_new_path)
		return put_argument_path(scratch, at, task, change->new_folder, change->new_argument,
					 &event->new_path_length, &event->new_argument_length, &event->new_text_flags,
					 PLACE_OF_SECOND);
	return put_user_text(scratch, at, change->new_argument, &event->new_argument_length, &event->new_text_flags,
			     TEXT_ARGUMENT_TRUNCATED, TEXT_ARGUMENT_FAULT);
}

static __always_inline void read_change(struct file_change *change, const struct syscall *call, __u32 kind)
{
	__builtin_memset(change, 0, sizeof(*change));
	change->kind = kind;
	change->folder = AT_FDCWD;
	change->new_folder = AT_FDCWD;
	change->uid = UNSET_ID;
	change->gid = UNSET_ID;
	if (kind == KIND_CHMOD || kind == KIND_CHOWN)
		read_attributes(change, call);
	else if (kind == KIND_UNLINK || kind == KIND_MKDIR || kind == KIND_RMDIR)
		read_entry(change, call);
	else if (has_attributes(kind))
		read_attribute_call(change, call);
	else
		read_names(change, call);
}

/* Global as begin_call_record() is. The change is in scratch->call, number and result of the call in its header. */
__noinline int report_file_change(__u32 kind, __u32 number, __s32 result)
{
	struct scratch *scratch = own_scratch();
	struct file_change_event *event;
	struct file_change *change;
	__u32 at;

	if (!scratch)
		return 0;
	change = (void *)scratch->call;
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(struct file_attribute_event));
	begin_call_record(kind);
	event->header.syscall = number;
	event->header.result = result;
	event->flags = change->flags;
	event->mode = change->mode;
	event->uid = change->uid;
	event->gid = change->gid;
	event->folder = change->folder;
	event->new_folder = change->new_folder;
	if (has_attributes(kind))
		fill_attributes((void *)scratch->bytes, change);
	at = put_change_texts(scratch, current_task(), change);
	at = put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
	at = put_announced_place(PLACE_OF_SECOND, at, event->new_text_flags, TEXT_HAS_PLACE);
	return emit_bulk(TOPIC_FILE, kind, &event->header, at);
}

static __always_inline _Bool is_removal_of_folder(const struct syscall *call)
{
	return call->number == NR_UNLINKAT && (call->args[2] & AT_REMOVEDIR);
}

static __noinline int on_file_change(const struct syscall *call, __u32 kind)
{
	struct scratch *scratch;

	if (is_over_budget(kind, call->number, call->result))
		return suppress(FILTER_BUDGET, kind);
	scratch = take_scratch(kind);
	if (!scratch)
		return lose(TOPIC_FILE, kind);
	_Static_assert(sizeof(struct file_change) <= sizeof(scratch->call), "what is read of a call has its room");
	read_change((void *)scratch->call, call, kind);
	return report_file_change(kind, call->number, call->result);
}

#endif
