/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The maps that all programs share. The loader finds them by name and sets the sizes that depend on the machine
 * (scratch: possible CPUs) and on knobs (rings).
 */
#ifndef EUNOMIA_MAPS_BPF_H
#define EUNOMIA_MAPS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "process/environment.h"
#include "record/budgets.h"
#include "record/event.h"
#include "record/filters.h"
#include "record/knobs.bpf.h"
#include "record/reader.h"

/* Rings, and the index of their struct ring_control. */
enum ring_index {
	RING_SECURITY = 0,
	RING_BULK = 1,
	RING_COUNT = 2,
};

/* Places of the paths of one record: of an exec, the executable, the working directory and the streams. */
enum place_slot {
	PLACE_OF_PATH = 0,
	PLACE_OF_SECOND = 1, /* the new path of a change, the working directory of an exec */
	PLACE_OF_STREAM = 2, /* the first of them */
	PLACES = 5,
	NO_PLACE = PLACES,
};
/* Names above a place. Nothing that is deeper is a file of the system. */
#define ABOVE_BYTES 1024
#define PLACE_ROOM  (40 + ABOVE_BYTES + NAME_ROOM)

/* Texts of an exec: args, and six of PATH_MAX (executable, working directory, file name, what the streams lead to) with
 * room for one more name; the environment; and the places. */
#define PATH_BYTES	   4096
#define NAME_ROOM	   256
#define TEXT_ROOM	   (PATH_BYTES + NAME_ROOM)
#define TEXTS_BYTES	   (512 + ARGS_MAX + 6 * TEXT_ROOM)
#define SCRATCH_BYTES	   (TEXTS_BYTES + ENVIRONMENT_BYTES + ENVIRONMENT_VARIABLE_BYTES + PLACES * PLACE_ROOM)
#define SCRATCH_CALL_WORDS 16

/* A path that is walked (walk.bpf.h): where from, up to which root, and what came of it. Addresses as numbers. */
struct asked_walk {
	__u64 dentry;
	__u64 mount;
	__u64 root_dentry;
	__u64 root_mount;
	__u64 hash; /* the seed, then the hash; 0 for none */
	__u64 flags;
	__u64 slot; /* enum place_slot */
};

/* A place whose names above are still to be walked. */
struct found_place {
	struct path_place place;
	__u64 left; /* the dentry above which they are */
};

/*
 * Where a record is put together before it is copied into a ring at its true length. `at` is the write position of a
 * loop: in a map and not on the stack, so that each step loads a number that the verifier knows nothing of and bounds
 * it. A position on the stack is followed through every step of the loop ("The sequence of 8193 jumps is too complex").
 * `call` is what a program read of a system call, here for the same reason: each of twenty calls leaves other constants
 * on the stack, with each of which the verifier would go through all that follows.
 */
struct scratch {
	char bytes[SCRATCH_BYTES];
	__u64 at;
	struct asked_walk walk;
	struct found_place places[PLACES];
	__u64 call[SCRATCH_CALL_WORDS];
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

/* A section of its own, so that it is a map of its own: pinned and mapped by the reader. */
volatile struct reader_state reader SEC(".data.reader") = {};

/* The part of event_counters.dropped that was dropped because no reader runs, by kind. */
struct unread {
	__u64 kinds[KIND_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unread);
} unread SEC(".maps");

/* event_counters.suppressed by the filter that left the events out: KIND_MAX numbers of each, one after the other. */
struct suppressions {
	__u64 kinds[FILTER_MAX * KIND_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct suppressions);
} suppressions SEC(".maps");

/* The reader puts its deadline off again and again; one that is gone for long would find a full ring, so programs only
 * count then. */
static __always_inline int has_reader(void)
{
	__u64 deadline = reader.deadline_ns;

	return !deadline || bpf_ktime_get_ns() < deadline;
}

/* An array indexed by CPU, as a value of a per-CPU array may have 32 KiB at most (PCPU_MIN_UNIT_SIZE,
 * kernel/bpf/arraymap.c). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/*
 * 1 while a program uses its CPU's scratch. None of our hooks lies in an interrupt, and kernels to 6.18 run tracepoints
 * with preemption off (sys_exit too, which may fault since 6.13). But that is no promise: a kernel that only disables
 * migration around them can preempt a program for a task whose programs run then. That one must not write into a record
 * that is half made; lose() counts its event.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} scratch_taken SEC(".maps");

/* Eighths of its ring that hold records which the reader has not freed yet. */
#define CALLS_MAY_FILL	      4	 /* the rest of the security ring is for processes and cgroups */
#define PROCESSES_MAY_FILL    15 /* sixteenths: the last one is for calls, where processes fill the others */
/* From here on, who holds much of a ring is refused (budgets.bpf.h). */
#define CALLS_UNPRESSED_UP_TO 2
#define BULK_UNPRESSED_UP_TO  4
/* From there on, each class may hold so much: calls, opens, changes of files. */
#define ROOM_OF_CLASS	      2
/* And of the room of calls, ends of connections this part. */
#define ENDS_OF_CALLS	      4

static __always_inline __u32 filled_eighths(void *ring)
{
	__u64 bytes = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA), size = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE);

	return size ? bytes * 8 / size : 0;
}

/* Bytes that a class of events (enum budget_class) may still put into its ring: budgets.bpf.h. */
__u64 room_of(__u32 class);

/* Opens are the hottest kind: no more than this is asked while there is room. */
static __always_inline _Bool is_bulk_pressed(void)
{
	return filled_eighths(&bulk_ring) >= BULK_UNPRESSED_UP_TO;
}

static __always_inline _Bool are_calls_pressed(void)
{
	return filled_eighths(&security_ring) >= CALLS_UNPRESSED_UP_TO;
}

/* Whether the part of the ring that a kind may fill has room. */
static __always_inline _Bool has_room(__u32 kind)
{
	switch (kind) {
	case KIND_FORK:
	case KIND_EXEC:
	case KIND_EXIT:
	case KIND_CGROUP_MKDIR:
	case KIND_CGROUP_RMDIR:
	case KIND_OOM_KILL:
		return 1;
	case KIND_OPEN:
		return !is_bulk_pressed() || room_of(BUDGET_OPENS);
	case KIND_RENAME ... KIND_TIMES:
		return !is_bulk_pressed() || room_of(BUDGET_FILES);
	}
	return !are_calls_pressed() || room_of(kind == KIND_CLOSE ? BUDGET_ENDS : BUDGET_CALLS);
}

/*
 * The scratch of this CPU, until return_scratch(), for a record of that kind. Null while another program has it, while
 * no reader runs, and when the ring has no room for the kind: asked here, before anything is read. Atomic: a preemption
 * may come between check and write.
 */
static __always_inline struct scratch *take_scratch(__u32 kind)
{
	__u32 zero = 0, cpu = bpf_get_smp_processor_id();
	__u64 *taken = bpf_map_lookup_elem(&scratch_taken, &zero);

	if (!has_reader() || !has_room(kind) || !taken || __sync_lock_test_and_set(taken, 1))
		return NULL;
	return bpf_map_lookup_elem(&scratches, &cpu);
}

/* The scratch that this program has taken. */
static __always_inline struct scratch *own_scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &cpu);
}

static __always_inline void return_scratch(void)
{
	__u32 zero = 0;
	__u64 *taken = bpf_map_lookup_elem(&scratch_taken, &zero);

	if (taken)
		*(volatile __u64 *)taken = 0;
}

#endif
