/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The texts of a kernel call. path and argument: mount point, new root, made file, image of a module, file of a
 * descriptor. name: of a memfd, module, bpf program or map, key, host, process; type of a mount. source: what is
 * mounted. options: data of a mount, parameters of a module.
 */
#ifndef EUNOMIA_KERNEL_CALL_TEXTS_BPF_H
#define EUNOMIA_KERNEL_CALL_TEXTS_BPF_H
#include <linux/bpf.h>
#include <linux/prctl.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/call_texts.bpf.h"
#include "kernel-call/kernel_call_numbers.bpf.h"
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
	case NR_MOUNT_SETATTR:
	case NR_MKNODAT:
		texts->folder = args[0];
		texts->argument = (void *)args[1];
		break;
	case NR_FSCONFIG: /* fd, command, key, value, aux */
		texts->name = (void *)args[2];
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

static __always_inline __u32 put_kernel_path(struct scratch *scratch, __u32 at, struct task_struct *task,
					     const struct kernel_texts *texts, const struct syscall *call)
{
	struct kernel_call_event *event = (void *)scratch->bytes;
	struct file *file;
	__u32 start = at;

	if (texts->argument)
		return put_argument_path(scratch, at, task, texts->folder, texts->argument, &event->path_length,
					 &event->argument_length, &event->text_flags);
	if (!has_descriptor(call->number))
		return at;
	file = file_of(task, call->args[0]);
	if (!file)
		return at;
	at = put_walked(scratch, at, task, &file->f_path, &event->text_flags);
	event->path_length = at - start;
	return at;
}

static __always_inline __u32 put_kernel_texts(struct scratch *scratch, struct task_struct *task,
					      const struct syscall *call)
{
	struct kernel_call_event *event = (void *)scratch->bytes;
	struct kernel_texts *texts = (void *)scratch->call;
	__u32 at = sizeof(*event);

	_Static_assert(sizeof(*texts) <= sizeof(scratch->call), "what is read of a call has its room");
	__builtin_memset(texts, 0, sizeof(*texts));
	texts->folder = AT_FDCWD;
	find_texts(texts, call);
	at = put_kernel_path(scratch, at, task, texts, call);
	at = put_kernel_text(scratch, at, texts->name, &event->name_length);
	at = put_kernel_text(scratch, at, texts->source, &event->source_length);
	return put_kernel_text(scratch, at, texts->options, &event->options_length);
}

#endif
