/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The walked paths of an exec record, the same for an exec and for a process that runs already. */
#ifndef EUNOMIA_EXEC_TEXTS_BPF_H
#define EUNOMIA_EXEC_TEXTS_BPF_H
#include "record/event.h"
#include "kernel/task.h"
#include "file/place.bpf.h"

/* Appends the paths of the executable and of the working directory at `at`; returns the position after them. */
static __always_inline __u32 put_exec_paths(struct scratch *scratch, __u32 at, struct task_struct *task)
{
	struct exec_event *event = (void *)scratch->bytes;
	struct fs_struct *fs = task->fs;
	struct file *exe = task->mm ? task->mm->exe_file : NULL;
	__u32 flags = 0, start = at;

	event->exe_path_length = 0;
	event->cwd_length = 0;
	if (!fs)
		return at;
	if (exe) {
		at = walk_path(scratch, at, exe->f_path.dentry, exe->f_path.mnt, fs, &flags, NULL, PLACE_OF_PATH);
		event->exe_path_length = at - start;
		if (flags & WALK_TRUNCATED)
			event->text_flags |= TEXT_EXE_PATH_TRUNCATED;
		if (flags & WALK_UNREACHABLE)
			event->text_flags |= TEXT_EXE_PATH_UNREACHABLE;
		if (flags & WALK_HAS_PLACE)
			event->text_flags |= TEXT_HAS_PLACE;
	}
	start = at;
	at = walk_path(scratch, at, fs->pwd.dentry, fs->pwd.mnt, fs, &flags, NULL, PLACE_OF_SECOND);
	event->cwd_length = at - start;
	if (flags & WALK_TRUNCATED)
		event->text_flags |= TEXT_CWD_TRUNCATED;
	if (flags & WALK_UNREACHABLE)
		event->text_flags |= TEXT_CWD_UNREACHABLE;
	if (flags & WALK_HAS_PLACE)
		event->text_flags |= TEXT_CWD_HAS_PLACE;
	return at;
}

/* Appends the places that the record announces: they end it. */
static __always_inline __u32 put_exec_places(struct scratch *scratch, __u32 at, _Bool is_iterator)
{
	struct exec_event *event = (void *)scratch->bytes;

	if (event->text_flags & TEXT_HAS_PLACE)
		at = put_place(PLACE_OF_PATH, at, is_iterator);
	if (event->text_flags & TEXT_CWD_HAS_PLACE)
		at = put_place(PLACE_OF_SECOND, at, is_iterator);
	for (__u32 number = 0; number < STREAMS; number++)
		if (event->streams[number].flags & STREAM_HAS_PLACE)
			at = put_place(PLACE_OF_STREAM + number, at, is_iterator);
	return at;
}

#endif
