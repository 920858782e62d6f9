/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* File systems by their magic numbers, and which of them answer by themselves. */
#ifndef EUNOMIA_FILE_SYSTEMS_BPF_H
#define EUNOMIA_FILE_SYSTEMS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/task.h"

/* include/uapi/linux/magic.h; XFS, ZFS and bcachefs: their own headers */
#define TMPFS_MAGIC	      0x01021994
#define RAMFS_MAGIC	      0x858458f6
#define HUGETLBFS_MAGIC	      0x958458f6
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define EXT4_SUPER_MAGIC      0xEF53
#define XFS_SUPER_MAGIC	      0x58465342
#define BTRFS_SUPER_MAGIC     0x9123683E
#define F2FS_SUPER_MAGIC      0xF2F52010
#define SQUASHFS_MAGIC	      0x73717368
#define EROFS_SUPER_MAGIC_V1  0xE0F5E1E2
#define ISOFS_SUPER_MAGIC     0x9660
#define ZFS_SUPER_MAGIC	      0x2fc12fc1
#define BCACHEFS_SUPER_MAGIC  0xca451a4e

/* include/linux/proc_ns.h: number of the initial user namespace */
#define PROC_USER_INIT_INO 0xEFFFFFFDU

static __always_inline _Bool is_in_memory(__u64 magic)
{
	return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC || magic == HUGETLBFS_MAGIC;
}

/*
 * A read of this file system always ends. Not so with FUSE, where a process answers, nor with those of a network;
 * and in a user namespace anybody mounts an overlay over FUSE. Unknown ones count as such.
 */
static __always_inline _Bool is_local(struct super_block *file_system)
{
	if (BPF_CORE_READ(file_system, s_user_ns, ns.inum) != PROC_USER_INIT_INO)
		return 0;
	switch (file_system->s_magic) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case HUGETLBFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case SQUASHFS_MAGIC:
	case EROFS_SUPER_MAGIC_V1:
	case ISOFS_SUPER_MAGIC:
	case ZFS_SUPER_MAGIC:
	case BCACHEFS_SUPER_MAGIC:
		return 1;
	default:
		return 0;
	}
}

#endif
