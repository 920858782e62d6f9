/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What of a ring is held, until the reader has freed it, by a process, a cgroup or a class of events, and what each
 * class may still fill. A part of what is free bounds who holds much (dynamic thresholds, as switches share their
 * buffers): one that floods stops while the others still have room, however many there are, and nothing of it remains
 * once the reader has caught up.
 */
#ifndef EUNOMIA_HELD_BPF_H
#define EUNOMIA_HELD_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/budgets.h"
#include "record/maps.bpf.h"

/* What all processes hold: of calls, sockets and refused execs; of opens; of changes of files. */
struct share held_by_calls SEC(".data.ring") = {};
/* Of them, ends of connections. */
struct share held_by_ends SEC(".data.ring") = {};
struct share held_by_opens SEC(".data.ring") = {};
struct share held_by_changes SEC(".data.ring") = {};

static __always_inline _Bool is_in_bulk(__u32 class)
{
	return class == BUDGET_FILES || class == BUDGET_OPENS || class == BUDGET_NAMED_OPENS;
}

/* That of the ring of the class: BPF_RB_*. */
static __always_inline __u64 asked_of_ring(__u32 class, __u64 what)
{
	return is_in_bulk(class) ? bpf_ringbuf_query(&bulk_ring, what) : bpf_ringbuf_query(&security_ring, what);
}

/* The ring rounds lengths up and has a header. */
static __always_inline __u32 bytes_in_ring(__u32 length)
{
	return (length + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
}

/* At most so many bytes in the ring are of the share. */
static __always_inline __u64 held_by(__u32 class, struct share *share)
{
	__u64 since = *(volatile __u64 *)&share->since, read = asked_of_ring(class, BPF_RB_CONS_POS), end;

	if (read >= *(volatile __u64 *)&share->until) {
		*(volatile __u64 *)&share->before = 0;
		*(volatile __u64 *)&share->used = 0;
		return 0;
	}
	end = asked_of_ring(class, BPF_RB_PROD_POS);
	if (read >= since && __sync_val_compare_and_swap(&share->since, since, end) == since)
		*(volatile __u64 *)&share->before = __sync_lock_test_and_set(&share->used, 0);
	return *(volatile __u64 *)&share->before + *(volatile __u64 *)&share->used;
}

/* A record of so many bytes is about to be put into the ring. */
static __always_inline void charge(__u32 class, struct share *share, __u32 bytes)
{
	*(volatile __u64 *)&share->until = asked_of_ring(class, BPF_RB_PROD_POS) + bytes;
	__sync_fetch_and_add(&share->used, bytes);
}

static __always_inline struct share *share_of_class(__u32 class)
{
	if (class == BUDGET_FILES)
		return &held_by_changes;
	return is_in_bulk(class) ? &held_by_opens : &held_by_calls;
}

/* From where the ring is pressed, opens that no rule is known to name may hold a tenth of it: the rest of the room of
 * opens is for those of files that one names. */
static __always_inline _Bool are_opens_crowded(void)
{
	return held_by(BUDGET_OPENS, &held_by_opens) > bpf_ringbuf_query(&bulk_ring, BPF_RB_RING_SIZE) / 10;
}

/* What a class may put into its ring from where that is pressed. */
static __always_inline __u64 whole_room(__u32 class)
{
	return asked_of_ring(class, BPF_RB_RING_SIZE) / 8 * ROOM_OF_CLASS;
}

/* Ends of connections, which others make, have a part of the room of calls. */
static __always_inline __u64 room_of_ends(__u64 room)
{
	__u64 held = held_by(BUDGET_ENDS, &held_by_ends), most = whole_room(BUDGET_ENDS) / ENDS_OF_CALLS,
	      left = held < most ? most - held : 0;

	return left < room ? left : room;
}

/* Global as begin_call_record() is. @see maps.bpf.h */
__noinline __u64 room_of(__u32 class)
{
	__u64 held = held_by(class, share_of_class(class)), most = whole_room(class), size, filled, free, few;

	if (is_in_bulk(class))
		return held < most ? most - held : 0;
	size = bpf_ringbuf_query(&security_ring, BPF_RB_RING_SIZE);
	filled = bpf_ringbuf_query(&security_ring, BPF_RB_AVAIL_DATA);
	most = size / 8 * CALLS_MAY_FILL;
	free = filled < most ? most - filled : 0;
	/* Where processes fill the ring, what calls hold of it counts, and not all that is filled. */
	most = whole_room(class);
	few = held < most ? most - held : 0;
	if (few > size - filled)
		few = size - filled;
	if (few < free)
		few = free;
	return class == BUDGET_ENDS ? room_of_ends(few) : few;
}

#endif
