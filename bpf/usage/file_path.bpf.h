/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The path of a file as its process sees it, for a table: names from the file up across mounts to the root of the
 * process, leaf first, each NUL-terminated. Short: a longer path lacks its first names and says so.
 */
#ifndef EUNOMIA_USAGE_FILE_PATH_BPF_H
#define EUNOMIA_USAGE_FILE_PATH_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/task.h"
#include "usage/usage.h"

#define PATH_STEPS 40

static __always_inline struct mount *mount_around(struct vfsmount *mount)
{
	return (struct mount *)((char *)mount - bpf_core_field_offset(struct mount, mnt));
}

/* Appends a name; false when there is no room for one of 256 bytes. `length` is read again in each step, so that the
 * verifier knows nothing of it and bounds it: at most USAGE_PATH_BYTES, with USAGE_NAME_ROOM after it. */
static __always_inline _Bool put_usage_name(struct file_path *path, struct dentry *dentry)
{
	__u32 at = *(volatile __u32 *)&path->length;
	long length;

	if (at > USAGE_PATH_BYTES)
		return 0;
	length = bpf_probe_read_kernel_str(path->names + at, USAGE_NAME_ROOM, BPF_CORE_READ(dentry, d_name.name));
	if (length > 1)
		path->length = at + length;
	return 1;
}

static __always_inline void put_usage_path(struct file_path *path, struct file *file, struct fs_struct *fs)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry), *parent;
	struct mount *mount = mount_around(BPF_CORE_READ(file, f_path.mnt)), *above;
	struct dentry *root_dentry = BPF_CORE_READ(fs, root.dentry);
	struct mount *root_mount = mount_around(BPF_CORE_READ(fs, root.mnt));

	path->length = 0;
	path->flags = 0;
	for (int step = 0; step < PATH_STEPS; step++) {
		if (dentry == root_dentry && mount == root_mount)
			return;
		if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
			above = BPF_CORE_READ(mount, mnt_parent);
			if (above == mount) /* top of all mounts: the root was not met */
				return;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = above;
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		if (!put_usage_name(path, dentry))
			break;
		if (parent == dentry) /* a file without a folder */
			return;
		dentry = parent;
	}
	path->flags = FILE_PATH_TRUNCATED;
}

#endif
