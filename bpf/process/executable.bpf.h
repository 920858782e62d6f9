/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What is known of an executable besides its path: whose file it is, who can write it, on which mount and in whose view
 * of the files it lies. Rules exempt programs by it, so each fact is the kernel's own, and none is a name.
 */
#ifndef EUNOMIA_EXECUTABLE_BPF_H
#define EUNOMIA_EXECUTABLE_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/core_fixes.bpf.h"
#include "record/event.h"
#include "kernel/file_systems.bpf.h"
#include "kernel/task.h"
#include "file/walk.bpf.h"
#include "process/namespaces.bpf.h"

/* include/uapi/linux/stat.h, include/linux/fs.h, include/linux/mount.h */
#define GROUP_OR_OTHERS_WRITE 0022
#define SB_RDONLY	      1
#define MNT_READONLY	      0x40

/*
 * memfd_create() (mm/memfd.c) makes a file without a folder whose name starts with "memfd:", on the kernel's own tmpfs
 * or hugetlbfs mount. A user can name a file so, also on a tmpfs, and delete it: but such a file keeps its folder as
 * parent, a memfd is its own parent.
 */
static __always_inline _Bool is_memfd(struct file *file)
{
	static const char prefix[6] = "memfd:";
	struct dentry *dentry = file->f_path.dentry;
	__u64 magic = file->f_inode->i_sb->s_magic;
	char name[sizeof(prefix)] = {};

	if (magic != TMPFS_MAGIC && magic != HUGETLBFS_MAGIC)
		return 0;
	if (dentry->d_parent != dentry || file->f_inode->i_nlink)
		return 0;
	bpf_probe_read_kernel(name, sizeof(name), dentry->d_name.name);
	for (int i = 0; i < (int)sizeof(prefix); i++)
		if (name[i] != prefix[i])
			return 0;
	return 1;
}

/* The overlay inode has a dentry in the upper layer: the file was made or changed in the running container, not in its
 * image. */
static __always_inline _Bool is_upper_layer(struct inode *inode)
{
	struct ovl_inode *overlay;

	if (inode->i_sb->s_magic != OVERLAYFS_SUPER_MAGIC || !bpf_core_type_exists(struct ovl_inode))
		return 0;
	overlay = (void *)inode - bpf_core_field_offset(struct ovl_inode, vfs_inode);
	return BPF_CORE_READ(overlay, __upperdentry) != NULL;
}

/* The overlay has nothing of the file in its upper layer: it is as the image brought it. */
static __always_inline __u32 layer_of(struct inode *inode)
{
	if (is_upper_layer(inode))
		return EXE_UPPER_LAYER;
	if (inode->i_sb->s_magic == OVERLAYFS_SUPER_MAGIC && bpf_core_type_exists(struct ovl_inode))
		return EXE_LOWER_LAYER;
	return 0;
}

/* An ACL shows in the mode: its mask takes the place of the bits of the group (posix_acl(5)). */
static __always_inline __u32 owner_of(struct inode *inode)
{
	__u32 flags = 0;

	if (inode->i_uid.val == 0)
		flags |= EXE_ROOT_OWNED;
	if (inode->i_mode & GROUP_OR_OTHERS_WRITE)
		flags |= EXE_SHARED_WRITE;
	if (!inode->i_nlink)
		flags |= EXE_UNLINKED;
	return flags;
}

/*
 * Where the file lies as the process sees it. The first process of the host is the reaper of the initial pid namespace,
 * in which every process has a number. A root folder is compared by its dentry and not by its mount: services have a
 * copy of the host's mounts. Where a user copied them, EXE_ROOT_NAMESPACE is missing.
 */
static __always_inline __u32 place_of(struct task_struct *task, struct file *file)
{
	struct task_struct *first = BPF_CORE_READ(upid_at(task->signal->pids[PIDTYPE_TGID], 0).ns, child_reaper);
	struct mnt_namespace *own = BPF_CORE_READ(task, nsproxy, mnt_ns);
	struct mnt_namespace *host = BPF_CORE_READ(first, nsproxy, mnt_ns);
	struct vfsmount *mount = file->f_path.mnt;
	__u32 flags = 0;

	if (BPF_CORE_READ(mount, mnt_root) == file->f_path.dentry)
		flags |= EXE_MOUNT_ROOT;
	if ((BPF_CORE_READ(mount, mnt_flags) & MNT_READONLY) ||
	    (BPF_CORE_READ(file, f_inode, i_sb, s_flags) & SB_RDONLY))
		flags |= EXE_READ_ONLY;
	if (!own || BPF_CORE_READ(mount_of(mount), mnt_ns) != own)
		flags |= EXE_FOREIGN_MOUNT;
	if (!own || !host)
		return flags;
	if (own == host)
		flags |= EXE_HOST_NAMESPACE;
	if (BPF_CORE_READ(own, user_ns) == BPF_CORE_READ(host, user_ns))
		flags |= EXE_ROOT_NAMESPACE;
	if (task->fs && BPF_CORE_READ(task, fs, root.dentry) == BPF_CORE_READ(first, fs, root.dentry))
		flags |= EXE_HOST_ROOT;
	return flags;
}

static __always_inline void fill_exe(struct task_facts *facts, struct task_struct *task)
{
	struct file *file = task->mm ? task->mm->exe_file : NULL;
	struct inode *inode = file ? file->f_inode : NULL;

	facts->exe_inode = 0;
	facts->exe_ctime_ns = 0;
	facts->exe_mtime_ns = 0;
	facts->exe_device = 0;
	facts->exe_flags = 0;
	facts->exe_uid = 0;
	facts->exe_gid = 0;
	facts->exe_mode = 0;
	facts->exe_size = 0;
	if (!inode)
		return;
	facts->exe_inode = inode->i_ino;
	facts->exe_ctime_ns = inode_ctime_ns(inode);
	facts->exe_mtime_ns = inode_mtime_ns(inode);
	facts->exe_device = inode->i_sb->s_dev;
	facts->exe_uid = inode->i_uid.val;
	facts->exe_gid = inode->i_gid.val;
	facts->exe_mode = inode->i_mode;
	facts->exe_size = inode->i_size;
	facts->exe_flags = EXE_KNOWN | layer_of(inode) | owner_of(inode) | place_of(task, file);
	if (is_memfd(file))
		facts->exe_flags |= EXE_MEMFD;
	else if (is_in_memory(inode->i_sb->s_magic))
		facts->exe_flags |= EXE_IN_MEMORY;
	if (is_local(inode->i_sb))
		facts->exe_flags |= EXE_LOCAL;
}

#endif
