/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The one path of a record into a ring: sequence, counters, copy, wake-up. What a program calls: suppress() when a
 * filter, a budget or a share (ask_share()) leaves the event out; then take_scratch(), lose() when there is none, and
 * emit_security(), emit_shared() or emit_bulk() with the record made there, which give the scratch back.
 */
#ifndef EUNOMIA_EMIT_BPF_H
#define EUNOMIA_EMIT_BPF_H
#include "record/budgets.bpf.h"
#include "record/maps.bpf.h"
#include "record/shares.bpf.h"

static __always_inline struct event_counters *counters_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

/* The kind, whose bound the verifier loses when it was spilled to the stack meanwhile. */
static __always_inline __u32 bounded(__u32 kind)
{
	return kind % KIND_MAX;
}

/* A filter (enum kernel_filter) left events of this kind out. */
static __always_inline int count_suppressed(__u32 filter, __u32 kind, __u64 count)
{
	struct event_counters *counted = counters_of_cpu();
	__u32 zero = 0, place = filter * KIND_MAX + bounded(kind);
	struct suppressions *by_filter = bpf_map_lookup_elem(&suppressions, &zero);

	if (!counted || !by_filter)
		return 0;
	__sync_fetch_and_add(&counted->suppressed[bounded(kind)], count);
	barrier_var(place);
	__sync_fetch_and_add(&by_filter->kinds[place % (FILTER_MAX * KIND_MAX)], count);
	return 0;
}

/* The same, global as begin_call_record() is. */
__noinline int suppress_many(__u32 filter, __u32 kind, __u64 count)
{
	return count_suppressed(filter, kind, count);
}

/* A filter left an event of this kind out. */
static __always_inline int suppress(__u32 filter, __u32 kind)
{
	return suppress_many(filter, kind, 1);
}

/* An event that passed the filters and can't be recorded: a gap in its sequence, emitted, and dropped. */
static __always_inline int count_lost(__u32 topic, __u32 kind)
{
	struct event_counters *counted = counters_of_cpu();
	__u32 zero = 0;
	struct unread *without_reader = bpf_map_lookup_elem(&unread, &zero);

	if (!counted || !without_reader)
		return 0;
	if (!has_reader())
		__sync_fetch_and_add(&without_reader->kinds[bounded(kind)], 1);
	__sync_fetch_and_add(&counted->seq[topic], 1);
	__sync_fetch_and_add(&counted->emitted[bounded(kind)], 1);
	__sync_fetch_and_add(&counted->dropped[bounded(kind)], 1);
	return 0;
}

/* The same of an event of the task that runs. */
static __always_inline int lose(__u32 topic, __u32 kind)
{
	if (has_reader())
		blame(kind);
	return count_lost(topic, kind);
}

/*
 * Called after the commit, whose xchg on the record's header is a full barrier. The reader sets reader_sleeping,
 * fences, and reads the producer position again before it waits: so either it sees this record, or we see the flag
 * here. A discarded record carries the wake-up, because the flag is only checked when the event is in the ring
 * already. No room even for that: the flag is set again, and the reader's next ack, which makes the room, wakes it
 * (native/src/rings/mapped_ring.cc).
 */
static __always_inline void wake_reader(void *ring, __u32 index, struct event_counters *counted)
{
	struct ring_control *control = bpf_map_lookup_elem(&controls, &index);
	void *signal;

	if (!control || !*(volatile __u32 *)&control->reader_sleeping)
		return;
	if (!__sync_lock_test_and_set(&control->reader_sleeping, 0))
		return; /* another CPU was first */
	signal = bpf_ringbuf_reserve(ring, sizeof(__u64), 0);
	if (!signal) {
		__sync_lock_test_and_set(&control->reader_sleeping, 1);
		return;
	}
	bpf_ringbuf_discard(signal, BPF_RB_FORCE_WAKEUP);
	__sync_fetch_and_add(&counted->wakeups, 1);
}

/*
 * Assigns the record its number in the sequence of (topic, CPU) and copies it. The sequence is counted before the
 * reservation, so a record that finds no room leaves a gap, and atomically, since another program of this CPU may count
 * too (see scratch_taken). Counted in one step each: emitted = in the ring + dropped. Returns whether it was dropped.
 */
static __always_inline int emit_copy(void *ring, __u32 index, __u32 topic, __u32 kind, struct event_header *record,
				     __u32 length)
{
	struct event_counters *counted = counters_of_cpu();
	long error = -1;

	if (!counted)
		return 0;
	record->seq = __sync_fetch_and_add(&counted->seq[topic], 1) + 1;
	__sync_fetch_and_add(&counted->emitted[bounded(kind)], 1);
	if (length <= SCRATCH_BYTES) /* always; the verifier can't know */
		error = bpf_ringbuf_output(ring, record, length, BPF_RB_NO_WAKEUP);
	if (error)
		__sync_fetch_and_add(&counted->dropped[bounded(kind)], 1);
	else
		wake_reader(ring, index, counted);
	return !!error;
}

/* Of a record in the scratch, which is given back. */
static __always_inline int emit(void *ring, __u32 index, __u32 topic, __u32 kind, struct event_header *record,
				__u32 length)
{
	int is_dropped = emit_copy(ring, index, topic, kind, record, length);

	return_scratch();
	return is_dropped ? blame(kind) : 0;
}

static __always_inline int emit_security(__u32 topic, __u32 kind, struct event_header *record, __u32 length)
{
	if (are_calls_pressed())
		charge_budgets(kind, bytes_in_ring(length));
	return emit(&security_ring, RING_SECURITY, topic, kind, record, length);
}

/* Of a fork, exec, exit or cgroup: what ask_share() was asked for. */
static __always_inline int emit_shared(__u32 topic, __u32 kind, struct event_header *record, __u32 length)
{
	if (are_shares_counted())
		charge_shares(bytes_in_ring(length));
	return emit(&security_ring, RING_SECURITY, topic, kind, record, length);
}

/* key: whose budgets it spends: the kind, or KEY_NAMED_OPEN. */
static __always_inline int emit_charged(__u32 topic, __u32 kind, __u32 key, struct event_header *record, __u32 length)
{
	if (is_bulk_pressed())
		charge_budgets(key, bytes_in_ring(length));
	return emit(&bulk_ring, RING_BULK, topic, kind, record, length);
}

static __always_inline int emit_bulk(__u32 topic, __u32 kind, struct event_header *record, __u32 length)
{
	return emit_charged(topic, kind, kind, record, length);
}

/* Of a record on the stack: for hooks that lie in interrupts too, which find the scratch taken whenever they interrupt
 * one of our programs, and where the task that runs is any: nobody is blamed, and it holds them as ends of connections,
 * which take nothing of what its calls may hold. */
static __always_inline int emit_from_stack(__u32 topic, __u32 kind, struct event_header *record, __u32 length)
{
	if (!has_room(KIND_CLOSE))
		return count_lost(topic, kind);
	if (are_calls_pressed())
		charge_budgets(KIND_CLOSE, bytes_in_ring(length));
	return emit_copy(&security_ring, RING_SECURITY, topic, kind, record, length);
}

#endif
