/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The path of a file as the kernel knows it: names from the file's dentry up across mounts to the root of the process,
 * what prepend_path() in fs/d_path.c does, leaf first. It is the truth: no memory of the process is read. Without the
 * kernel's rename_lock, a directory that is renamed meanwhile can show old and new names mixed.
 */
#ifndef EUNOMIA_WALK_BPF_H
#define EUNOMIA_WALK_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/file.h"
#include "kernel/host_root.bpf.h"
#include "record/maps.bpf.h"
#include "file/path_hash.bpf.h"

/* How a walk ended, besides in the root of the process. */
enum walk_flags {
	WALK_TRUNCATED = 1 << 0,
	WALK_UNREACHABLE = 1 << 1,
	WALK_HAS_PLACE = 1 << 2,
};

/* A name takes two bytes or more, so PATH_BYTES hold 2048 at most; the rest is for mounts that are crossed. */
#define WALK_STEPS 2304

struct walk {
	struct scratch *scratch; /* names go there; null when only the hash is requested */
	__u64 end;
	void *dentry;
	void *mount;
	void *root_dentry;
	void *root_mount;
	void *left;    /* where the walk left the first mount: its top, or the root of the process */
	__u64 own_end; /* position of the next name then */
	__u64 flags;
	__u64 hash;    /* path_hash.bpf.h; 0 when none is requested */
	__u64 is_torn; /* a rename changed a name while it was read: name and hash may be of two times */
	__u64 is_done;
};

static __always_inline void leave_mount(struct walk *walk)
{
	if (walk->left)
		return;
	walk->left = walk->dentry;
	if (walk->scratch)
		walk->own_end = walk->scratch->at;
}

static __always_inline long walk_end(struct walk *walk, __u64 flags)
{
	leave_mount(walk);
	walk->flags |= flags;
	walk->is_done = 1;
	return 1;
}

/* Appends the name of a dentry. Up to the NUL and not d_name.len bytes: a rename may change the name between reading
 * the two. */
static __always_inline _Bool put_name(struct walk *walk, struct dentry *dentry)
{
	struct scratch *scratch = walk->scratch;
	__u64 at = scratch->at;
	long length;

	/* at <= SCRATCH_BYTES - NAME_ROOM here, and at most NAME_ROOM bytes are written: within struct scratch. */
	if (at >= walk->end || at > SCRATCH_BYTES - NAME_ROOM)
		return 0;
	length = bpf_probe_read_kernel_str(scratch->bytes + at, NAME_ROOM, dentry->d_name.name);
	/* 1: the empty name of a pseudo file; "/": the top of a file system */
	if (length > 2 || (length == 2 && scratch->bytes[at] != '/'))
		scratch->at = at + length;
	return 1;
}

/* From a dentry that has a parent, or is its own. Name, hash and parent are of one time, or the walk is torn. */
static __always_inline long walk_dentry(struct walk *walk, struct dentry *dentry, _Bool has_names)
{
	__u32 before = walk->hash ? rename_count(dentry) : 0;
	void *parent = dentry->d_parent;

	if (walk->hash) {
		order_loads();
		walk->is_torn |= !has_name_hash(dentry);
		walk->hash = mix_dentry(walk->hash, walk->dentry, parent, dentry);
	}
	if (has_names && !put_name(walk, dentry))
		return walk_end(walk, WALK_TRUNCATED);
	if (walk->hash) {
		order_loads();
		walk->is_torn |= (before & 1) || before != rename_count(dentry);
	}
	if (walk->dentry == parent) /* a file without a folder: memfd, pipe, socket */
		return walk_end(walk, WALK_UNREACHABLE);
	walk->dentry = parent;
	return 0;
}

/* One step up, for bpf_loop(): a name, or a mount that is crossed. */
static __always_inline long walk_up(struct walk *walk, _Bool has_names)
{
	struct dentry *dentry = bpf_core_cast(walk->dentry, struct dentry);
	struct mount *mount = bpf_core_cast(walk->mount, struct mount);

	if (walk->dentry == walk->root_dentry && walk->mount == walk->root_mount)
		return walk_end(walk, 0);
	if (walk->dentry != (void *)mount->mnt.mnt_root)
		return walk_dentry(walk, dentry, has_names);
	if (walk->mount ==
	    (void *)mount->mnt_parent) /* top of all mounts, or of a detached one: the root was not met */
		return walk_end(walk, WALK_UNREACHABLE);
	if (walk->hash)
		walk->hash = mix_addresses(walk->hash, walk->mount, mount->mnt_parent, 0, 0);
	leave_mount(walk);
	walk->dentry = mount->mnt_mountpoint;
	walk->mount = mount->mnt_parent;
	return 0;
}

/* One step from the top of a mount to that of its file system. */
static __always_inline long walk_above(struct walk *walk, _Bool has_names)
{
	struct dentry *dentry = bpf_core_cast(walk->dentry, struct dentry);

	if (walk->dentry == (void *)dentry->d_parent)
		return walk_end(walk, 0);
	return walk_dentry(walk, dentry, has_names);
}

static long hash_above_step(__u32 step, void *context)
{
	return walk_above(context, 0);
}

/* Of a file system. */
static __always_inline _Bool is_top(void *dentry)
{
	return dentry == (void *)bpf_core_cast(dentry, struct dentry)->d_parent;
}

/* What lies above determines where the file is, too: a renamed folder there makes another path of the same names. */
static __always_inline void hash_above(struct walk *walk)
{
	if (!walk->hash || !walk->is_done || is_top(walk->left))
		return;
	walk->dentry = bpf_core_cast(walk->left, struct dentry);
	walk->is_done = 0;
	bpf_loop(WALK_STEPS, hash_above_step, walk, 0);
}

/* The hash of a walk that met the root, or an end, and was not torn; else 0. */
static __always_inline __u64 hash_of_walk(const struct walk *walk)
{
	return walk->is_done && !walk->is_torn && !(walk->flags & WALK_TRUNCATED) ? walk->hash : 0;
}

static long walk_step(__u32 step, void *context)
{
	return walk_up(context, 1);
}

/* Where a file lies, unless that is the host's root file system and nothing else. */
static __always_inline void find_place(struct scratch *scratch, const struct walk *walk, __u64 start)
{
	struct asked_walk *asked = &scratch->walk;
	struct mount *mount = bpf_core_cast((void *)asked->mount, struct mount);
	struct mount *root = bpf_core_cast((void *)asked->root_mount, struct mount);
	struct super_block *block = mount->mnt.mnt_sb;
	_Bool is_host = is_host_root(root, (void *)asked->root_dentry);
	struct found_place *found;

	if (asked->slot >= PLACES)
		return;
	if (is_host && !walk->flags && asked->mount == asked->root_mount)
		return;
	found = &scratch->places[asked->slot];
	__builtin_memset(&found->place, 0, sizeof(found->place));
	found->place.device = block->s_dev;
	found->place.magic = block->s_magic;
	found->place.mount_id = mount->mnt_id;
	found->place.mount_namespace = bpf_core_cast(root->mnt_ns, struct mnt_namespace)->ns.inum;
	found->place.own_length = walk->left ? walk->own_end - start : 0;
	found->place.flags = is_host ? 0 : knob_host_root_mount ? PLACE_FOREIGN_ROOT : PLACE_ROOT_UNKNOWN;
	found->left = (__u64)walk->left;
	asked->flags |= WALK_HAS_PLACE;
}

/*
 * Walks as scratch->walk says, from scratch->at on. Global, as begin_call_record() is: the verifier checks it once,
 * however many paths a program reports. bpf_loop, not a bounded loop: the verifier checks one step, whatever the
 * number.
 */
__noinline int walk_in_scratch(struct scratch *scratch)
{
	struct asked_walk *asked;
	struct walk walk = {};
	struct dentry *dentry;
	__u64 start;

	if (!scratch) /* never; the verifier can't know */
		return 0;
	asked = &scratch->walk;
	start = scratch->at;
	walk.scratch = scratch;
	walk.end = start + PATH_BYTES;
	/* Pointers again: the verifier takes the difference of two, not that of a pointer and a number. */
	dentry = bpf_core_cast((void *)asked->dentry, struct dentry);
	walk.dentry = dentry;
	walk.mount = bpf_core_cast((void *)asked->mount, struct mount);
	walk.root_dentry = (void *)asked->root_dentry;
	walk.root_mount = (void *)asked->root_mount;
	walk.hash = asked->hash;
	/* d_unlinked() in include/linux/dcache.h: out of the hash table, and not the top of a tree */
	if (!dentry->d_hash.pprev && dentry->d_parent != dentry)
		walk.flags = WALK_UNREACHABLE;
	bpf_loop(WALK_STEPS, walk_step, &walk, 0);
	if (!walk.is_done)
		walk.flags |= WALK_TRUNCATED;
	asked->flags = walk.flags;
	find_place(scratch, &walk, start);
	hash_above(&walk);
	asked->hash = hash_of_walk(&walk);
	return 0;
}

/*
 * Writes the path of `dentry` in `mount` to scratch->bytes + at, seen from the root of `fs`; returns the position
 * after it. flags: enum walk_flags. hash: null, or the seed of a hash, which becomes that of the path; 0 when it has
 * none. slot: of its place, which is found with WALK_HAS_PLACE (place.bpf.h).
 */
static __always_inline __u32 walk_path(struct scratch *scratch, __u32 at, struct dentry *dentry, struct vfsmount *mount,
				       struct fs_struct *fs, __u32 *flags, __u64 *hash, __u32 slot)
{
	struct asked_walk *asked = &scratch->walk;

	asked->dentry = (__u64)dentry;
	asked->mount = (__u64)mount_of(mount);
	asked->root_dentry = (__u64)fs->root.dentry;
	asked->root_mount = (__u64)mount_of(fs->root.mnt);
	asked->hash = hash ? *hash : 0;
	asked->slot = slot;
	scratch->at = at;
	walk_in_scratch(scratch);
	*flags = asked->flags;
	if (hash)
		*hash = asked->hash;
	return scratch->at;
}

#endif
