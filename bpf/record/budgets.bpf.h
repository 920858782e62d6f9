/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What one process or cgroup may put into a ring, so that nobody pushes out the events of others: a call that is
 * refused costs its caller a microsecond, and 700,000 a second fill a ring in 40 ms. Budgets are asked for such events
 * before anything is read; what exceeds one is suppressed (FILTER_BUDGET). Below that, has_room() keeps parts of each
 * ring for those kinds that cost their maker more.
 *
 * An event is refused when the budget of its process and kind is spent, or that of the cgroups above it and its class,
 * which is what stops a process that forks, or makes cgroups, to begin again. The first event of each variety (call,
 * request, outcome) passes all the same, with a part of the ring of its own: spending a budget hides no other kind of
 * call. Forks, execs, exits and cgroups have shares instead (shares.bpf.h).
 */
#ifndef EUNOMIA_BUDGETS_BPF_H
#define EUNOMIA_BUDGETS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/budgets.h"
#include "record/header.bpf.h"
#include "record/maps.bpf.h"

/* How long a budget (events a second: knobs.bpf.h) lasts that is spent at once; the smaller one while the ring is
 * filled. Of the network, of files and of opens only that one is asked for. */
#define CALL_WINDOW_NS	   4000000000ULL
#define CALL_PRESSED_NS	   125000000ULL
#define NETWORK_PRESSED_NS 62500000ULL
#define FILE_PRESSED_NS	   250000000ULL
#define OPEN_PRESSED_NS	   62500000ULL
/* While the ring is filled further, an event costs that many times as much, and a budget lasts that many times as long:
 * who makes a few events still has all of them reported, and who floods nearly none. */
#define HIGH_PRICE	   64
#define HIGH_WINDOW	   8
/* Of opens: that of one of a process. */
#define OPEN_NS		   100000ULL
/* Budgets of a process that a cgroup of GROUP_LEVEL has, and one of WIDE_LEVEL while the ring is filled. */
#define PROCESSES_OF_GROUP 8
#define PROCESSES_OF_WIDE  32
/* 2^64 divided by the golden ratio: spreads numbers over the upper bits of the product. */
#define SPREAD		   0x9e3779b97f4a7c15ULL

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BUDGETS);
	__type(key, struct budget_key);
	__type(value, struct budget);
} budgets SEC(".maps");

/* What an entry begins as. Here and not on the stack, which the programs share with what they call. */
const volatile struct budget no_budget = {};

static __always_inline __u32 class_of_kind(__u32 kind)
{
	if (kind == KIND_OPEN)
		return BUDGET_OPENS;
	if (kind >= KIND_RENAME && kind <= KIND_TIMES)
		return BUDGET_FILES;
	return kind >= KIND_SOCKET && kind <= KIND_DNS ? BUDGET_NETWORK : BUDGET_CALLS;
}

/* The entry, which is reset when another process has the pid now. Null when the map has none to give. */
static __always_inline struct budget *budget_of_process(struct task_struct *task, __u32 kind)
{
	struct budget_key key = {.id = (__u32)task->tgid, .kind = kind};
	struct budget *known = bpf_map_lookup_elem(&budgets, &key);

	if (known && known->owner.start_boot_ns == task->group_leader->start_boottime)
		return known;
	bpf_map_update_elem(&budgets, &key, (void *)&no_budget, BPF_ANY);
	known = bpf_map_lookup_elem(&budgets, &key);
	if (!known)
		return NULL;
	fill_header(&known->owner, kind, task);
	known->group_id = ancestor_id(cgroup_of_task(task), GROUP_LEVEL);
	known->wide_id = ancestor_id(cgroup_of_task(task), WIDE_LEVEL);
	return known;
}

/* That of a cgroup above the process, where it was at its first event of the kind. */
static __always_inline struct budget *budget_of_cgroup(const struct budget *process, __u64 id, __u32 kind)
{
	struct budget_key key = {.id = id, .kind = kind, .is_v1 = !!(process->owner.flags & HEADER_CGROUP_V1)};
	struct budget *known = bpf_map_lookup_elem(&budgets, &key);

	if (known)
		return known;
	bpf_map_update_elem(&budgets, &key, (void *)&no_budget, BPF_NOEXIST);
	known = bpf_map_lookup_elem(&budgets, &key);
	if (known)
		known->owner = process->owner;
	return known;
}

static __always_inline struct budget *budget_of_group(const struct budget *process, __u32 class)
{
	return budget_of_cgroup(process, process->group_id, KIND_MAX + class);
}

/* Takes an event out of the budget; false when it is spent. CPUs that come at once may each take one too much. */
static __always_inline _Bool spend(struct budget *budget, __u64 now, __u64 event_ns, __u64 window_ns)
{
	__u64 until = *(volatile __u64 *)&budget->until_ns;

	if (until >= now + window_ns)
		return 0;
	if (until < now && __sync_val_compare_and_swap(&budget->until_ns, until, now + event_ns) == until)
		return 1;
	__sync_fetch_and_add(&budget->until_ns, event_ns);
	return 1;
}

/* The first event of its variety. Which of 64 bits a variety has is different with each start: nobody can choose calls
 * that share one. */
static __always_inline _Bool is_first(struct budget *budget, __u32 variety, long result)
{
	__u64 bit = 1ULL << (((variety ^ reader.epoch_us) * SPREAD) >> 58);
	__u64 *seen = result < 0 ? &budget->seen[1] : &budget->seen[0];

	if (*(volatile __u64 *)seen & bit)
		return 0;
	__sync_fetch_and_or(seen, bit);
	return 1;
}

/* How full the part of the ring is that an event competes for: the fuller, the less one process gets. */
enum pressure {
	PRESSURE_NONE,
	PRESSURE_SOME, /* budgets are small */
	PRESSURE_HIGH, /* they are smaller still, and a new variety passes only while the cgroup has not spent its */
	PRESSURE_FULL, /* only that */
};

static __always_inline enum pressure pressure_of(__u32 class)
{
	_Bool is_bulk = class == BUDGET_FILES || class == BUDGET_OPENS;
	__u32 sixteenths = is_bulk ? filled_parts(&bulk_ring, 16) : filled_parts(&security_ring, 16);
	__u32 some = class == BUDGET_FILES   ? OPENS_MAY_FILL
		     : class == BUDGET_OPENS ? OPENS_UNPRESSED_UP_TO
					     : UNPRESSED_UP_TO;

	if (sixteenths < 2 * some)
		return PRESSURE_NONE;
	if (sixteenths < 2 * some + 2)
		return PRESSURE_SOME;
	/* Opens have their ring nearly for themselves; and where processes fill the other, few calls do no harm. */
	if (sixteenths == 2 * some + 2 || class == BUDGET_OPENS || (!is_bulk && do_calls_hold_little()))
		return PRESSURE_HIGH;
	return PRESSURE_FULL;
}

/* Spends that of the wide cgroup, when it is another one. */
static __always_inline _Bool spend_wide(const struct budget *process, __u32 class, __u64 now, __u64 event_ns,
					__u64 window_ns)
{
	struct budget *wide;

	if (process->wide_id == process->group_id)
		return 1;
	wide = budget_of_cgroup(process, process->wide_id, KIND_MAX + BUDGET_CLASSES + class);
	return !wide || spend(wide, now, event_ns / PROCESSES_OF_WIDE, window_ns);
}

/* Spends all budgets; false when one of them has nothing left. */
static __always_inline _Bool is_within(struct budget *process, __u32 class, enum pressure pressure, _Bool is_new)
{
	__u64 now = bpf_ktime_get_ns(), event_ns = knob_call_ns,
	      window_ns = pressure ? CALL_PRESSED_NS : CALL_WINDOW_NS;
	struct budget *group = budget_of_group(process, class);
	__u64 shared_ns;
	_Bool passes;

	if (class == BUDGET_NETWORK) {
		event_ns = knob_network_ns;
		window_ns = NETWORK_PRESSED_NS;
	} else if (class == BUDGET_FILES) {
		event_ns = knob_file_ns;
		window_ns = FILE_PRESSED_NS;
	} else if (class == BUDGET_OPENS) {
		event_ns = OPEN_NS;
		window_ns = OPEN_PRESSED_NS;
	}
	if (pressure >= PRESSURE_HIGH) {
		event_ns *= HIGH_PRICE;
		window_ns *= HIGH_WINDOW;
	}
	/* What the cgroup makes again and again leaves room for what it makes for the first time. */
	shared_ns = is_new && pressure >= PRESSURE_HIGH ? 2 * window_ns : window_ns;
	passes = (is_new || (pressure != PRESSURE_FULL && spend(process, now, event_ns, window_ns))) &&
		 (!group || spend(group, now, event_ns / PROCESSES_OF_GROUP, shared_ns)) &&
		 (!pressure || spend_wide(process, class, now, event_ns, shared_ns));
	passes |= is_new && pressure < PRESSURE_HIGH;
	if (group && !passes)
		__sync_fetch_and_add(&group->refused, 1);
	return passes;
}

/*
 * Global as begin_call_record() is. Whether the task that runs has made more events of the kind than it may. variety: a
 * number of the call and of what it asks for.
 */
__noinline int is_over_budget(__u32 kind, __u32 variety, long result)
{
	__u32 class = class_of_kind(kind);
	enum pressure pressure = pressure_of(class);
	struct budget *process;

	if ((class != BUDGET_CALLS && pressure == PRESSURE_NONE) || !has_reader())
		return 0;
	process = budget_of_process(current_task(), kind);
	if (!process || is_within(process, class, pressure, is_first(process, variety, result)))
		return 0;
	__sync_fetch_and_add(&process->refused, 1);
	return 1;
}

/* Global as begin_call_record() is. Remembers that an event of the task that runs found no room. */
__noinline int blame(__u32 kind)
{
	struct budget *process = budget_of_process(current_task(), kind);
	struct budget *group = process ? budget_of_group(process, class_of_kind(kind)) : NULL;

	if (process)
		__sync_fetch_and_add(&process->dropped, 1);
	if (group)
		__sync_fetch_and_add(&group->dropped, 1);
	return 0;
}

/* Global as begin_call_record() is. The same of one that is over a share. */
__noinline int count_refused(__u32 kind)
{
	struct budget *process = budget_of_process(current_task(), kind);
	struct budget *group = process ? budget_of_group(process, class_of_kind(kind)) : NULL;

	if (process)
		__sync_fetch_and_add(&process->refused, 1);
	if (group)
		__sync_fetch_and_add(&group->refused, 1);
	return 0;
}

#endif
