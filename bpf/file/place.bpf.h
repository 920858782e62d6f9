/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Appends struct path_place of the paths of a record, each followed by the names above it. */
#ifndef EUNOMIA_PLACE_BPF_H
#define EUNOMIA_PLACE_BPF_H
#include "file/walk.bpf.h"
#include "kernel/core_fixes.bpf.h"
#include "kernel/file_systems.bpf.h"
#include "record/event.h"

/* Of the task iterator: unlike the tracepoints' programs it can be preempted and sleep. One reader at a time: the
 * loader's tasks(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} task_scratch SEC(".maps");

/* Names above the places of a task: a record of the iterator has 2,296 bytes for all of them (tasks.bpf.c). */
#define TASK_ABOVE_BYTES 128

/* That of the task iterator, or that which this CPU took. */
static __always_inline struct scratch *scratch_of(_Bool is_iterator)
{
	__u32 zero = 0;

	return is_iterator ? bpf_map_lookup_elem(&task_scratch, &zero) : own_scratch();
}

/* The file behind one on overlayfs: a user who mounts an overlay gives a file of the host another inode. */
static __always_inline void find_real_file(struct path_place *place, struct inode *inode)
{
	struct ovl_inode *overlay;
	struct inode *lower;

	if (place->magic != OVERLAYFS_SUPER_MAGIC || !bpf_core_type_exists(struct ovl_inode))
		return;
	overlay = (void *)inode - bpf_core_field_offset(struct ovl_inode, vfs_inode);
	lower = BPF_CORE_READ(overlay, __upperdentry) ? BPF_CORE_READ(overlay, __upperdentry, d_inode)
						      : lower_inode_of(overlay);
	if (!lower)
		return;
	place->real_inode = BPF_CORE_READ(lower, i_ino);
	place->real_device = BPF_CORE_READ(lower, i_sb, s_dev);
}

static long above_step(__u32 step, void *context)
{
	return walk_above(context, 1);
}

/* The names above a place, at scratch->at. */
static __always_inline void put_above(struct scratch *scratch, struct found_place *found, __u64 room)
{
	struct walk walk = {.scratch = scratch, .end = scratch->at + room};
	__u64 start = scratch->at;

	walk.dentry = bpf_core_cast((void *)found->left, struct dentry);
	bpf_loop(WALK_STEPS, above_step, &walk, 0);
	if (!walk.is_done || walk.flags)
		found->place.flags |= PLACE_ABOVE_TRUNCATED;
	found->place.above_length = scratch->at - start;
}

/* Puts the place of `slot` at `at`; returns the position after it. Global as begin_call_record() is. */
__noinline int put_place(__u32 slot, __u32 at, __u32 is_iterator)
{
	struct scratch *scratch = scratch_of(is_iterator);
	struct found_place *found;

	barrier_var(at);
	if (!scratch || slot >= PLACES || at > SCRATCH_BYTES - PLACE_ROOM)
		return at;
	found = &scratch->places[slot];
	scratch->at = at + sizeof(found->place);
	if (found->left)
		put_above(scratch, found, is_iterator ? TASK_ABOVE_BYTES : ABOVE_BYTES);
	barrier_var(at);
	if (at > SCRATCH_BYTES - PLACE_ROOM)
		return at;
	__builtin_memcpy(scratch->bytes + at, &found->place, sizeof(found->place));
	return scratch->at;
}

/* The same when the record announces it. */
static __always_inline __u32 put_announced_place(__u32 slot, __u32 at, __u32 flags, __u32 flag)
{
	return flags & flag ? put_place(slot, at, 0) : at;
}

#endif
