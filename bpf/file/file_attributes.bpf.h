/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * KIND_TRUNCATE to KIND_TIMES: what their calls have besides a path. Lengths are arguments. The times and the size of
 * setxattrat are in the memory of the caller, read after the call: another thread may have changed them.
 */
#ifndef EUNOMIA_FILE_ATTRIBUTES_BPF_H
#define EUNOMIA_FILE_ATTRIBUTES_BPF_H
#include <asm-generic/fcntl.h>
#include <linux/fcntl.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel-call/syscall.bpf.h"

/* One of the calls that change a file, whichever it was. */
struct file_change {
	__u32 kind;
	const char *argument;
	const char *new_argument;
	__s32 folder;
	__s32 new_folder;
	__u64 flags;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	_Bool is_on_descriptor;
	_Bool has_new_path; /* the new argument is a path with a folder, and not only a text */
	__u32 attribute_flags;
	__u64 size;
	__s64 access_us;
	__s64 modify_us;
};

/* Numbers of arch/x86/entry/syscalls/syscall_32.tbl whose arguments are wider than those of the call they are the same
 * as. */
#define I386_TRUNCATE64	      193
#define I386_FTRUNCATE64      194
#define I386_UTIMENSAT_TIME64 412
/* include/linux/stat.h */
#define UTIME_NOW	      0x3fffffff
#define UTIME_OMIT	      0x3ffffffe
/* Seconds, 2^42: no file system keeps such a time, and its microseconds fit. */
#define TIME_MAX	      (1LL << 42)
#define US_PER_SECOND	      1000000LL
#define NS_PER_US	      1000U

/* How the memory of the caller has a time. */
enum time_unit {
	TIME_NANOSECONDS = 0,  /* struct timespec */
	TIME_MICROSECONDS = 1, /* struct timeval */
	TIME_SECONDS = 2,      /* half of a struct utimbuf */
};

/* include/uapi/linux/xattr.h */
struct user_xattr_args {
	__u64 value;
	__u32 size;
	__u32 flags;
};

static __always_inline _Bool has_attributes(__u32 kind)
{
	return kind >= KIND_TRUNCATE && kind <= KIND_TIMES;
}

static __always_inline void read_truncate(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;
	_Bool has_halves =
		call->is_32_bit && (call->abi_number == I386_TRUNCATE64 || call->abi_number == I386_FTRUNCATE64);

	change->is_on_descriptor = call->number == NR_FTRUNCATE;
	if (change->is_on_descriptor)
		change->folder = args[0];
	else
		change->argument = (void *)args[0];
	change->size = has_halves ? (__u32)args[1] | args[2] << 32 : args[1];
	change->attribute_flags = ATTRIBUTE_HAS_SIZE;
}

/* setxattrat and removexattrat: folder, path, flags, name, and of setxattrat the address of the other arguments. */
static __always_inline void read_xattr_at(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;
	struct user_xattr_args given = {};

	change->folder = args[0];
	change->argument = (void *)args[1];
	change->flags = (__u32)args[2];
	change->new_argument = (void *)args[3];
	if (call->number != NR_SETXATTRAT || bpf_probe_read_user(&given, sizeof(given), (void *)args[4]))
		return;
	change->size = given.size;
	change->attribute_flags = ATTRIBUTE_HAS_SIZE;
}

/* path or descriptor, name, and of those that set one value, size, flags. */
static __always_inline void read_xattr(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;
	_Bool is_set = call->number == NR_SETXATTR || call->number == NR_LSETXATTR || call->number == NR_FSETXATTR;

	if (call->number == NR_SETXATTRAT || call->number == NR_REMOVEXATTRAT)
		return read_xattr_at(change, call);
	change->is_on_descriptor = call->number == NR_FSETXATTR || call->number == NR_FREMOVEXATTR;
	if (change->is_on_descriptor)
		change->folder = args[0];
	else
		change->argument = (void *)args[0];
	change->new_argument = (void *)args[1];
	if (!is_set)
		return;
	change->size = args[3];
	change->flags = (__u32)args[4];
	change->attribute_flags = ATTRIBUTE_HAS_SIZE;
}

/* False for a time that is not given: now, or as it is. */
static __always_inline _Bool read_time(__u64 at, __u32 unit, _Bool is_small, __s64 *time_us)
{
	__s64 wide[2] = {};
	__s32 small[2] = {};
	__u32 part;

	if (is_small) {
		if (bpf_probe_read_user(small, unit == TIME_SECONDS ? sizeof(small[0]) : sizeof(small), (void *)at))
			return 0;
		wide[0] = small[0];
		wide[1] = small[1];
	} else if (bpf_probe_read_user(wide, unit == TIME_SECONDS ? sizeof(wide[0]) : sizeof(wide), (void *)at)) {
		return 0;
	}
	part = wide[1];
	if (unit == TIME_NANOSECONDS && (part == UTIME_NOW || part == UTIME_OMIT))
		return 0;
	if (wide[0] > TIME_MAX)
		wide[0] = TIME_MAX;
	if (wide[0] < -TIME_MAX)
		wide[0] = -TIME_MAX;
	*time_us = wide[0] * US_PER_SECOND + (unit == TIME_NANOSECONDS ? part / NS_PER_US : part);
	return 1;
}

static __always_inline void read_two_times(struct file_change *change, const struct syscall *call, __u64 at)
{
	_Bool is_small = call->is_32_bit && call->abi_number != I386_UTIMENSAT_TIME64;
	__u32 unit = call->number == NR_UTIMENSAT ? TIME_NANOSECONDS
		     : call->number == NR_UTIME	  ? TIME_SECONDS
						  : TIME_MICROSECONDS;
	__u32 width = is_small ? sizeof(__s32) : sizeof(__s64);

	if (!at) /* both are now */
		return;
	if (read_time(at, unit, is_small, &change->access_us))
		change->attribute_flags |= ATTRIBUTE_HAS_ACCESS_TIME;
	if (read_time(at + (unit == TIME_SECONDS ? width : 2 * width), unit, is_small, &change->modify_us))
		change->attribute_flags |= ATTRIBUTE_HAS_MODIFY_TIME;
}

/* utimensat and futimesat: folder, path, times, flags; without a path the descriptor is that of the file. */
static __always_inline void read_times(struct file_change *change, const struct syscall *call)
{
	const __u64 *args = call->args;
	_Bool has_folder = call->number == NR_UTIMENSAT || call->number == NR_FUTIMESAT;

	if (has_folder)
		change->folder = args[0];
	change->argument = (void *)(has_folder ? args[1] : args[0]);
	change->is_on_descriptor = has_folder && !change->argument && change->folder != AT_FDCWD;
	if (call->number == NR_UTIMENSAT)
		change->flags = (__u32)args[3];
	read_two_times(change, call, has_folder ? args[2] : args[1]);
}

static __always_inline void read_attribute_call(struct file_change *change, const struct syscall *call)
{
	if (change->kind == KIND_TRUNCATE)
		read_truncate(change, call);
	else if (change->kind == KIND_XATTR)
		read_xattr(change, call);
	else
		read_times(change, call);
}

static __always_inline void fill_attributes(struct file_attribute_event *event, const struct file_change *change)
{
	event->size = change->size;
	event->access_us = change->access_us;
	event->modify_us = change->modify_us;
	event->attribute_flags = change->attribute_flags;
}

#endif
