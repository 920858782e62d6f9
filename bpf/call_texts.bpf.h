/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Texts of a system call behind its record: what the caller has in memory, the folder that a relative path starts from,
 * and the path of a file that a descriptor leads to.
 */
#ifndef EUNOMIA_CALL_TEXTS_BPF_H
#define EUNOMIA_CALL_TEXTS_BPF_H
#include <asm-generic/fcntl.h>
#include <linux/fcntl.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "event.h"
#include "walk.bpf.h"

/* The file behind a descriptor of the current task; null when another thread has closed it already. */
static __always_inline struct file *file_of(struct task_struct *task, __u32 descriptor)
{
	struct files_struct *files = task->files;
	struct fdtable *table;
	struct file *file = NULL;

	if (!files)
		return NULL;
	table = files->fdt;
	if (descriptor >= table->max_fds)
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + descriptor);
	return file ? bpf_core_cast(file, struct file) : NULL;
}

/* How a text came out. */
struct put_text {
	__u32 length;
	_Bool is_truncated;
	_Bool is_fault;
};

/* A text as the caller has it in memory now. A path of PATH_MAX bytes or more was refused (ENAMETOOLONG). */
static __always_inline __u32 put_user_text(struct scratch *scratch, __u32 at, const char *text, struct put_text *put)
{
	long length;

	put->length = 0;
	put->is_truncated = 0;
	put->is_fault = 0;
	barrier_var(at);
	if (at > SCRATCH_BYTES - TEXT_ROOM)
		return at;
	length = bpf_probe_read_user_str(scratch->bytes + at, TEXT_ROOM, text);
	if (length < 1) {
		put->is_fault = 1;
		return at;
	}
	put->is_truncated = length == TEXT_ROOM;
	put->length = length - 1;
	return at + length - 1;
}

/* The path of a file or folder; gives enum text_flags. */
static __always_inline __u32 put_walked(struct scratch *scratch, __u32 at, struct task_struct *task, struct path *path,
					__u32 *text_flags)
{
	__u32 flags = 0;

	at = walk_path(scratch, at, bpf_core_cast(path->dentry, struct dentry),
		       bpf_core_cast(path->mnt, struct vfsmount), task->fs, &flags);
	if (flags & WALK_TRUNCATED)
		*text_flags |= TEXT_PATH_TRUNCATED;
	if (flags & WALK_UNREACHABLE)
		*text_flags |= TEXT_PATH_UNREACHABLE;
	return at;
}

/*
 * The folder that a relative argument starts from: the working directory or the folder of the call. Nothing for an
 * absolute argument, an empty one, or one that can't be read.
 */
static __always_inline __u32 put_base(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
				      const char *argument, __u32 *text_flags)
{
	struct fs_struct *fs = task->fs;
	struct file *file;
	char first = 0;

	if (bpf_probe_read_user(&first, sizeof(first), argument) || !first || first == '/' || !fs)
		return at;
	if (folder == AT_FDCWD) {
		at = put_walked(scratch, at, task, &fs->pwd, text_flags);
	} else {
		file = file_of(task, folder);
		if (!file)
			return at;
		at = put_walked(scratch, at, task, &file->f_path, text_flags);
	}
	*text_flags |= TEXT_PATH_IS_BASE;
	return at;
}

/* Folder and argument of one path. */
struct put_path {
	__u32 path_length;
	__u32 argument_length;
	__u32 text_flags;
};

static __always_inline __u32 put_argument_path(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
					       const char *argument, struct put_path *put)
{
	struct put_text text;
	__u32 start = at;

	put->text_flags = 0;
	at = put_base(scratch, at, task, folder, argument, &put->text_flags);
	put->path_length = at - start;
	at = put_user_text(scratch, at, argument, &text);
	put->argument_length = text.length;
	if (text.is_truncated)
		put->text_flags |= TEXT_ARGUMENT_TRUNCATED;
	if (text.is_fault)
		put->text_flags |= TEXT_ARGUMENT_FAULT;
	return at;
}

#endif
