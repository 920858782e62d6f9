/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What one process or cgroup may put into a ring, so that nobody pushes out the events of others: a call that is
 * refused costs its caller a microsecond, and 700,000 a second fill a ring in 40 ms. Budgets are asked for such events
 * before anything is read; what exceeds one is suppressed (FILTER_BUDGET). Below that, has_room() keeps parts of each
 * ring for those kinds that cost their maker more.
 *
 * Calls have a rate, always. While a ring is filled, a cgroup with all that is below it may hold a part of the room
 * that is left (held.bpf.h): what stops a process that forks, or makes cgroups, to begin again. Half of its part is for
 * the first event of each variety (call, request, outcome) of a process, a quarter for processes that hold little: so a
 * flood hides no other kind of call, and no other process. Forks, execs, exits and cgroups have shares of their own
 * (shares.bpf.h).
 */
#ifndef EUNOMIA_BUDGETS_BPF_H
#define EUNOMIA_BUDGETS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/budgets.h"
#include "record/header.bpf.h"
#include "record/held.bpf.h"
#include "record/maps.bpf.h"

/* How long the rate of calls (events a second: knobs.bpf.h) lasts that is spent at once. */
#define CALL_WINDOW_NS	   4000000000ULL
/* Rates of a process that a cgroup of GROUP_LEVEL has. */
#define PROCESSES_OF_GROUP 8
/* A process that has spent this part of the rate, or less, is heard while others of its cgroup spend all of it. */
#define LITTLE_RATE	   64
/* The part of a cgroup: of what is left, and less of that the less it is, so that the first that floods has much and
 * the sixty-fourth still something. No less than the second part. */
#define PART_OF_ROOM	   3
#define LEAST_PART	   32
/* A process that holds this part of the part of its cgroup, or less, holds little. */
#define LITTLE_OF_PART	   64
/* When less is left than this part of the room, a cgroup of WIDE_LEVEL may hold as much as is left: the rest is not for
 * those that make cgroups without end. */
#define LAST_PART	   32
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
	if (kind == KEY_NAMED_OPEN)
		return BUDGET_NAMED_OPENS;
	if (kind >= KIND_RENAME && kind <= KIND_TIMES)
		return BUDGET_FILES;
	return kind == KIND_CLOSE ? BUDGET_ENDS : BUDGET_CALLS;
}

/* Servers make many events of the network. */
static __always_inline _Bool has_rate(__u32 kind)
{
	return class_of_kind(kind) == BUDGET_CALLS && !(kind >= KIND_SOCKET && kind <= KIND_DNS);
}

static __always_inline void find_groups(struct budget *budget, struct cgroup *cgroup)
{
	budget->group_id = ancestor_id(cgroup, GROUP_LEVEL);
	budget->wide_id = ancestor_id(cgroup, WIDE_LEVEL);
}

/* The entry, which is reset when another process has the pid now, and follows a process that moves: runtimes begin that
 * of a container in their own cgroup. Null when the map has none to give. */
static __always_inline struct budget *budget_of_process(struct task_struct *task, __u32 kind)
{
	struct budget_key key = {.id = (__u32)task->tgid, .kind = kind};
	struct budget *known = bpf_map_lookup_elem(&budgets, &key);
	struct cgroup *cgroup = cgroup_of_task(task);

	if (known && known->owner.start_boot_ns == task->group_leader->start_boottime) {
		if (known->owner.cgroup_id == BPF_CORE_READ(cgroup, kn, id))
			return known;
	} else {
		bpf_map_update_elem(&budgets, &key, (void *)&no_budget, BPF_ANY);
		known = bpf_map_lookup_elem(&budgets, &key);
		if (!known)
			return NULL;
	}
	fill_header(&known->owner, kind, task);
	find_groups(known, cgroup);
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

/* Null when there is none, or it is that of the group. */
static __always_inline struct budget *budget_of_wide(const struct budget *process, __u32 class)
{
	if (process->wide_id == process->group_id)
		return NULL;
	return budget_of_cgroup(process, process->wide_id, KIND_MAX + BUDGET_CLASSES + class);
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

/* Spends the rates of calls. */
static __always_inline _Bool is_within_rate(struct budget *process, struct budget *group, _Bool is_new)
{
	__u64 now = bpf_ktime_get_ns(), window_ns = CALL_WINDOW_NS;

	if (*(volatile __u64 *)&process->until_ns < now + CALL_WINDOW_NS / LITTLE_RATE)
		window_ns *= 2;
	if (!spend(process, now, knob_call_ns, CALL_WINDOW_NS) && !is_new)
		return 0;
	return !group || spend(group, now, knob_call_ns / PROCESSES_OF_GROUP, window_ns) || is_new;
}

/* Whether the cgroup holds no more than its part of the ring. */
static __always_inline _Bool is_within_part(struct budget *process, struct budget *group, __u32 class, _Bool is_new)
{
	__u64 room = room_of(class), whole = whole_room(class), part = room * room / (PART_OF_ROOM * whole + 1),
	      own = held_by(class, &process->held);
	struct budget *wide;

	if (part < room / LEAST_PART)
		part = room / LEAST_PART;
	if (!is_new)
		part /= own > part / LITTLE_OF_PART ? 4 : 2;
	if ((group ? held_by(class, &group->held) : own) > part)
		return 0;
	if (room >= whole / LAST_PART)
		return 1;
	wide = budget_of_wide(process, class);
	return !wide || held_by(class, &wide->held) <= room;
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

static __always_inline void count_refusal(struct budget *process, struct budget *group)
{
	__sync_fetch_and_add(&process->refused, 1);
	if (group)
		__sync_fetch_and_add(&group->refused, 1);
}

/*
 * Global as begin_call_record() is. Whether the task that runs has made more events of the kind than it may. variety: a
 * number of the call and of what it asks for.
 */
__noinline int is_over_budget(__u32 kind, __u32 variety, long result)
{
	__u32 class = class_of_kind(kind);
	_Bool is_pressed = is_in_bulk(class) ? is_bulk_pressed() : are_calls_pressed(), is_new;
	struct budget *process, *group;

	if ((!has_rate(kind) && !is_pressed) || !has_reader())
		return 0;
	process = budget_of_process(current_task(), kind);
	if (!process)
		return 0;
	group = budget_of_group(process, class);
	is_new = is_first(process, variety, result);
	if ((!has_rate(kind) || is_within_rate(process, group, is_new)) &&
	    (!is_pressed || is_within_part(process, group, class, is_new)))
		return 0;
	count_refusal(process, group);
	return 1;
}

/* Global as begin_call_record() is. So many bytes of the task that runs are about to be put into the ring of the kind.
 */
__noinline int charge_budgets(__u32 kind, __u32 bytes)
{
	__u32 class = class_of_kind(kind);
	struct budget *process = budget_of_process(current_task(), kind), *group, *wide;

	charge(class, share_of_class(class), bytes);
	if (class == BUDGET_ENDS)
		charge(class, &held_by_ends, bytes);
	if (!process)
		return 0;
	charge(class, &process->held, bytes);
	group = budget_of_group(process, class);
	if (group)
		charge(class, &group->held, bytes);
	wide = budget_of_wide(process, class);
	if (wide)
		charge(class, &wide->held, bytes);
	return 0;
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
		count_refusal(process, group);
	return 0;
}

#endif
