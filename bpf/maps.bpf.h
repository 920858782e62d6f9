/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The maps that all programs share. The loader finds them by name and sets the sizes that depend on the machine
 * (scratch: possible CPUs) and on knobs (rings).
 */
#ifndef EUNOMIA_MAPS_BPF_H
#define EUNOMIA_MAPS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "event.h"
#include "knobs.bpf.h"

/* Rings, and the index of their struct ring_control. */
enum ring_index {
	RING_SECURITY = 0,
	RING_BULK = 1,
	RING_COUNT = 2,
};

/* Texts of an exec: args, and three of PATH_MAX (executable, working directory, file name) with room for one more name.
 */
#define PATH_BYTES    4096
#define NAME_ROOM     256
#define SCRATCH_BYTES (224 + ARGS_MAX + 3 * (PATH_BYTES + NAME_ROOM))

/*
 * Where a record is put together before it is copied into a ring at its true length. `at` is the write position of a
 * loop: in a map and not on the stack, so that each step loads a number that the verifier knows nothing of and bounds
 * it. A position on the stack is followed through every step of the loop ("The sequence of 8193 jumps is too complex").
 */
struct scratch {
	char bytes[SCRATCH_BYTES];
	__u64 at;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} security_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} bulk_ring SEC(".maps");

/* Mapped by the reader. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, RING_COUNT);
	__type(key, __u32);
	__type(value, struct ring_control);
} controls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event_counters);
} counters SEC(".maps");

/*
 * An array indexed by CPU, as a value of a per-CPU array may have 32 KiB at most (PCPU_MIN_UNIT_SIZE,
 * kernel/bpf/arraymap.c). Tracepoint programs run with preemption off and never in an interrupt here, so no two use a
 * CPU's scratch at once.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &cpu);
}

#endif
