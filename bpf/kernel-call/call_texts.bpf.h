/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Texts of a system call after its record: what the caller has in memory, the folder that a relative path starts from,
 * and the path of a file that a descriptor leads to.
 */
#ifndef EUNOMIA_CALL_TEXTS_BPF_H
#define EUNOMIA_CALL_TEXTS_BPF_H
#include <asm-generic/fcntl.h>
#include <linux/fcntl.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel/task.h"
#include "file/place.bpf.h"
#include "file/walk.bpf.h"

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
	file = (void *)bpf_core_cast((void *)(table->fd + descriptor), struct list_head)->next;
	return file ? bpf_core_cast(file, struct file) : NULL;
}

/*
 * A text as the caller has it in memory now. A path of PATH_MAX bytes or more was refused (ENAMETOOLONG). length and
 * text_flags lie in the record: on the stack, the verifier would go through all that follows with each of their values.
 */
static __always_inline __u32 put_user_text(struct scratch *scratch, __u32 at, const char *text, __u32 *length,
					   __u32 *text_flags, __u32 truncated, __u32 fault)
{
	long bytes;

	barrier_var(at);
	if (at > SCRATCH_BYTES - TEXT_ROOM)
		return at;
	bytes = bpf_probe_read_user_str(scratch->bytes + at, TEXT_ROOM, text);
	if (bytes < 1) {
		*text_flags |= fault;
		return at;
	}
	if (bytes == TEXT_ROOM)
		*text_flags |= truncated;
	*length = bytes - 1;
	return at + bytes - 1;
}

/* A text that lies in the kernel's memory; nothing for a null pointer. */
static __always_inline __u32 put_kernel_name(struct scratch *scratch, __u32 at, const char *name, __u32 *length)
{
	long bytes;

	barrier_var(at);
	if (!name || at > SCRATCH_BYTES - TEXT_ROOM)
		return at;
	bytes = bpf_probe_read_kernel_str(scratch->bytes + at, TEXT_ROOM, name);
	if (bytes < 1)
		return at;
	*length = bytes - 1;
	return at + bytes - 1;
}

/* The path of a file or folder; sets enum text_flags. hash, slot: as for walk_path(). */
static __always_inline __u32 put_hashed(struct scratch *scratch, __u32 at, struct task_struct *task, struct path *path,
					__u32 *text_flags, __u64 *hash, __u32 slot)
{
	__u32 flags = 0;

	at = walk_path(scratch, at, bpf_core_cast(path->dentry, struct dentry),
		       bpf_core_cast(path->mnt, struct vfsmount), task->fs, &flags, hash, slot);
	if (flags & WALK_TRUNCATED)
		*text_flags |= TEXT_PATH_TRUNCATED;
	if (flags & WALK_UNREACHABLE)
		*text_flags |= TEXT_PATH_UNREACHABLE;
	if (flags & WALK_HAS_PLACE)
		*text_flags |= TEXT_HAS_PLACE;
	return at;
}

/* The same without a hash. */
static __always_inline __u32 put_walked(struct scratch *scratch, __u32 at, struct task_struct *task, struct path *path,
					__u32 *text_flags, __u32 slot)
{
	return put_hashed(scratch, at, task, path, text_flags, NULL, slot);
}

/* The folder that a relative path of a call starts from: the working directory, or that of a descriptor. */
static __always_inline __u32 put_folder(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
					__u32 *text_flags, __u32 slot)
{
	struct fs_struct *fs = task->fs;
	struct file *file;

	if (!fs)
		return at;
	if (folder == AT_FDCWD) {
		at = put_walked(scratch, at, task, &fs->pwd, text_flags, slot);
	} else {
		file = file_of(task, folder);
		if (!file)
			return at;
		at = put_walked(scratch, at, task, &file->f_path, text_flags, slot);
	}
	*text_flags |= TEXT_PATH_IS_BASE;
	return at;
}

/* The same for an argument that begins with `first`. Of an absolute one only the place of the root, when it is not the
 * host's. */
static __always_inline __u32 put_base_of(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
					 char first, __u32 *text_flags, __u32 slot)
{
	struct fs_struct *fs = task->fs;

	if (!first || !fs)
		return at;
	if (first != '/')
		return put_folder(scratch, at, task, folder, text_flags, slot);
	return put_walked(scratch, at, task, &fs->root, text_flags, slot);
}

/* The same of an argument in the caller's memory. Nothing for one that is empty or can't be read. */
static __always_inline __u32 put_base(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
				      const char *argument, __u32 *text_flags, __u32 slot)
{
	char first = 0;

	if (bpf_probe_read_user(&first, sizeof(first), argument))
		return at;
	return put_base_of(scratch, at, task, folder, first, text_flags, slot);
}

/* Folder and argument of one path, into a record whose fields are 0. */
static __always_inline __u32 put_argument_path(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
					       const char *argument, __u32 *path_length, __u32 *argument_length,
					       __u32 *text_flags, __u32 slot)
{
	__u32 start = at;

	at = put_base(scratch, at, task, folder, argument, text_flags, slot);
	*path_length = at - start;
	return put_user_text(scratch, at, argument, argument_length, text_flags, TEXT_ARGUMENT_TRUNCATED,
			     TEXT_ARGUMENT_FAULT);
}

#endif
