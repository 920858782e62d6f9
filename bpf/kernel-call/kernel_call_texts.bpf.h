/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The texts of a kernel call. path and argument: mount point, new root, made file, image of a module, file of a
 * descriptor. name: of a memfd, module, bpf program or map, key, host, process, network interface; type of a mount;
 * what fsconfig sets. source: what is mounted. options: data of a mount, value of fsconfig, parameters of a module.
 */
#ifndef EUNOMIA_KERNEL_CALL_TEXTS_BPF_H
#define EUNOMIA_KERNEL_CALL_TEXTS_BPF_H
#include <linux/bpf.h>
#include <linux/prctl.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/call_texts.bpf.h"
#include "kernel-call/kernel_call_numbers.bpf.h"
#include "kernel-call/kernel_call_results.bpf.h"
#include "kernel-call/syscall.bpf.h"

/* Where the texts of a call are; null for one that it has not. */
struct kernel_texts {
	const char *argument;
	const char *name;
	const char *source;
	const char *options;
	__s32 folder;
};

/* union bpf_attr is the kernel's promise to programs: its members stay where they are. */
static __always_inline const char *bpf_name(const struct syscall *call)
{
	if ((__u32)call->args[0] == BPF_PROG_LOAD)
		return (char *)call->args[1] + __builtin_offsetof(union bpf_attr, prog_name);
	if ((__u32)call->args[0] == BPF_MAP_CREATE)
		return (char *)call->args[1] + __builtin_offsetof(union bpf_attr, map_name);
	return NULL;
}

/* include/uapi/linux/mount.h: the commands of fsconfig whose value is a text. */
static __always_inline _Bool has_text_value(__u32 command)
{
	switch (command) {
	case 1: /* FSCONFIG_SET_STRING */
	case 3: /* FSCONFIG_SET_PATH */
	case 4: /* FSCONFIG_SET_PATH_EMPTY */
		return 1;
	}
	return 0;
}

/* struct ifreq begins with the name. */
static __always_inline _Bool names_interface(__u32 request)
{
	return request == REQUEST_SIOCSIFFLAGS || request == REQUEST_TUNSETIFF;
}

static __always_inline void find_texts(struct kernel_texts *texts, const struct syscall *call)
{
	const __u64 *args = call->args;

	switch (call->number) {
	case NR_MOUNT: /* source, target, type, flags, data */
		texts->source = (void *)args[0];
		texts->argument = (void *)args[1];
		texts->name = (void *)args[2];
		texts->options = (void *)args[4];
		break;
	case NR_MOVE_MOUNT: /* folder, from, folder, to, flags */
		texts->source = (void *)args[1];
		texts->folder = args[2];
		texts->argument = (void *)args[3];
		break;
	case NR_OPEN_TREE: /* folder, path, flags */
	case NR_OPEN_TREE_ATTR:
	case NR_FSPICK:
	case NR_FILE_SETATTR:
	case NR_MOUNT_SETATTR:
	case NR_MKNODAT:
		texts->folder = args[0];
		texts->argument = (void *)args[1];
		break;
	case NR_FSCONFIG: /* fd, command, key, value, aux */
		texts->name = (void *)args[2];
		texts->options = has_text_value(args[1]) ? (void *)args[3] : NULL;
		break;
	case NR_IOCTL: /* fd, request, address */
		texts->name = names_interface(args[1]) ? (void *)args[2] : NULL;
		break;
	case NR_FSOPEN: /* type, flags */
	case NR_MEMFD_CREATE:
	case NR_DELETE_MODULE:
	case NR_SETHOSTNAME:
	case NR_SETDOMAINNAME:
	case NR_MQ_OPEN:
	case NR_MQ_UNLINK:
		texts->name = (void *)args[0];
		break;
	case NR_UMOUNT2: /* path first */
	case NR_UMOUNT:
	case NR_CHROOT:
	case NR_PIVOT_ROOT:
	case NR_MKNOD:
	case NR_SWAPON:
	case NR_SWAPOFF:
	case NR_ACCT:
		texts->argument = (void *)args[0];
		break;
	case NR_QUOTACTL: /* cmd, device, id, address */
		texts->argument = (void *)args[1];
		break;
	case NR_INIT_MODULE: /* image, length, parameters */
		texts->options = (void *)args[2];
		break;
	case NR_FINIT_MODULE: /* fd, parameters, flags */
		texts->options = (void *)args[1];
		break;
	case NR_ADD_KEY: /* type, description ... */
	case NR_REQUEST_KEY:
		texts->source = (void *)args[0];
		texts->name = (void *)args[1];
		break;
	case NR_PRCTL:
		texts->name = (__u32)args[0] == PR_SET_NAME ? (void *)args[1] : NULL;
		break;
	case NR_BPF:
		texts->name = bpf_name(call);
		break;
	}
}

static __always_inline __u32 put_kernel_text(struct scratch *scratch, __u32 at, const char *text, __u32 *length)
{
	struct kernel_call_event *event = (void *)scratch->bytes;

	if (!text)
		return at;
	return put_user_text(scratch, at, text, length, &event->text_flags, TEXT_ARGS_TRUNCATED, TEXT_ARGS_FAULT);
}

/* After it the root of the process is what the argument named: its place is the truth, and the path from it is "/". */
static __always_inline _Bool sets_root(const struct syscall *call)
{
	return (call->number == NR_CHROOT || call->number == NR_PIVOT_ROOT) && call->result >= 0;
}

static __always_inline __u32 put_kernel_path(struct scratch *scratch, __u32 at, struct task_struct *task,
					     const struct kernel_texts *texts, const struct syscall *call)
{
	struct kernel_call_event *event = (void *)scratch->bytes;
	struct file *file;
	__u32 start = at;

	if (sets_root(call) && task->fs) {
		at = put_walked(scratch, at, task, &task->fs->root, &event->text_flags, PLACE_OF_PATH);
		return put_user_text(scratch, at, texts->argument, &event->argument_length, &event->text_flags,
				     TEXT_ARGUMENT_TRUNCATED, TEXT_ARGUMENT_FAULT);
	}
	if (texts->argument)
		return put_argument_path(scratch, at, task, texts->folder, texts->argument, &event->path_length,
					 &event->argument_length, &event->text_flags, PLACE_OF_PATH);
	if (!has_descriptor(call->number))
		return at;
	file = file_of(task, call->args[0]);
	if (!file)
		return at;
	at = put_walked(scratch, at, task, &file->f_path, &event->text_flags, PLACE_OF_PATH);
	event->path_length = at - start;
	return at;
}

/* The file by which a call made, took or moved a mount; null for other calls, and for a move that names a path. */
static __always_inline struct file *mount_file(struct task_struct *task, const struct syscall *call)
{
	char first = 0;

	switch (call->number) {
	case NR_FSMOUNT:
	case NR_OPEN_TREE:
	case NR_OPEN_TREE_ATTR:
		return call->result < 0 ? NULL : file_of(task, call->result);
	case NR_MOVE_MOUNT: /* from_fd, from, to_fd, to, flags */
		bpf_probe_read_user(&first, sizeof(first), (void *)call->args[1]);
		return first ? NULL : file_of(task, call->args[0]);
	}
	return NULL;
}

/* Type and source of such a mount as the kernel has them: the call names neither. */
static __always_inline __u32 put_mount_facts(struct scratch *scratch, __u32 at, struct file *file)
{
	struct kernel_call_event *event = (void *)scratch->bytes;
	struct vfsmount *mount = bpf_core_cast(file->f_path.mnt, struct vfsmount);
	struct mount *owner = bpf_core_cast(mount_of(mount), struct mount);

	event->text_flags |= TEXT_VALUES_OF_KERNEL;
	at = put_kernel_name(scratch, at, mount->mnt_sb->s_type->name, &event->name_length);
	return put_kernel_name(scratch, at, owner->mnt_devname, &event->source_length);
}

static __always_inline __u32 put_kernel_texts(struct scratch *scratch, struct task_struct *task,
					      const struct syscall *call)
{
	struct kernel_call_event *event = (void *)scratch->bytes;
	struct kernel_texts *texts = (void *)scratch->call;
	struct file *file;
	const char *name;
	__u32 at = sizeof(*event);

	_Static_assert(sizeof(*texts) <= sizeof(scratch->call), "what is read of a call has its room");
	__builtin_memset(texts, 0, sizeof(*texts));
	texts->folder = AT_FDCWD;
	find_texts(texts, call);
	at = put_kernel_path(scratch, at, task, texts, call);
	file = mount_file(task, call);
	if (file) {
		at = put_mount_facts(scratch, at, file);
	} else {
		name = name_in_kernel(task, call);
		if (name) {
			event->text_flags |= TEXT_VALUES_OF_KERNEL;
			at = put_kernel_name(scratch, at, name, &event->name_length);
		} else {
			at = put_kernel_text(scratch, at, texts->name, &event->name_length);
		}
		at = put_kernel_text(scratch, at, texts->source, &event->source_length);
		at = put_kernel_text(scratch, at, texts->options, &event->options_length);
	}
	return put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
}

#endif
