/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The walked paths of an exec record, the same for an exec and for a process that runs already. */
#ifndef EUNOMIA_EXEC_TEXTS_BPF_H
#define EUNOMIA_EXEC_TEXTS_BPF_H
#include "record/event.h"
#include "kernel/task.h"
#include "file/walk.bpf.h"

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
		at = walk_path(scratch, at, exe->f_path.dentry, exe->f_path.mnt, fs, &flags, NULL);
		event->exe_path_length = at - start;
		if (flags & WALK_TRUNCATED)
			event->text_flags |= TEXT_EXE_PATH_TRUNCATED;
		if (flags & WALK_UNREACHABLE)
			event->text_flags |= TEXT_EXE_PATH_UNREACHABLE;
	}
	start = at;
	at = walk_path(scratch, at, fs->pwd.dentry, fs->pwd.mnt, fs, &flags, NULL);
	event->cwd_length = at - start;
	if (flags & WALK_TRUNCATED)
		event->text_flags |= TEXT_CWD_TRUNCATED;
	if (flags & WALK_UNREACHABLE)
		event->text_flags |= TEXT_CWD_UNREACHABLE;
	return at;
}

#endif
