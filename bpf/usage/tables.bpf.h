/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Tables that the collector reads by intervals. Each is two hash maps behind an array of maps: programs write into the
 * one that the array names, and take its address once per run. The reader puts the other one there; the kernel returns
 * from that when no program uses the former any more (maybe_wait_bpf_programs() in kernel/bpf/syscall.c, 4.20), so it
 * is read and emptied while no program writes to it: no count is torn or lost between two intervals. A map never
 * evicts: what finds no room is counted in `overflow`.
 */
#ifndef EUNOMIA_USAGE_TABLES_BPF_H
#define EUNOMIA_USAGE_TABLES_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/layout_hash.h"
#include "usage/usage.h"

/* The loader takes only programs of its own layouts. */
const volatile __u32 layout_hash = LAYOUT_HASH;

/* The loader sets the sizes, finds the pair by its names, and turns it. */
#define USAGE_TABLE(name, key_type, value_type)                                                                        \
	struct name##_map {                                                                                            \
		__uint(type, BPF_MAP_TYPE_HASH);                                                                       \
		__uint(max_entries, 16384);                                                                            \
		__type(key, key_type);                                                                                 \
		__type(value, value_type);                                                                             \
	} name##_even SEC(".maps"), name##_odd SEC(".maps");                                                           \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                                                              \
		__uint(max_entries, 1);                                                                                \
		__type(key, __u32);                                                                                    \
		__array(values, struct name##_map);                                                                    \
	} name SEC(".maps") = {.values = {&name##_even}}

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct usage_overflow);
} overflow SEC(".maps");

/* The map that is written to now. */
static __always_inline void *table_of_now(void *table)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(table, &zero);
}

/* The entry of a key that was not there, made as `fresh`; null when there is no room. Of two that come at once, one
 * makes it. */
static __always_inline void *made_entry(void *map, const void *key, const void *fresh)
{
	bpf_map_update_elem(map, key, fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

static __always_inline void add_overflow(__u32 index, __u64 amount)
{
	__u32 zero = 0;
	struct usage_overflow *found_no_room = bpf_map_lookup_elem(&overflow, &zero);

	if (found_no_room && index < USAGE_NUMBERS)
		found_no_room->numbers[index] += amount;
}

#endif
