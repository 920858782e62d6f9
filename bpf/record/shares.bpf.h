/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * How much of the security ring the forks, execs, exits and cgroups of one cgroup may hold. They have no budget by
 * number, since the context of all other events comes from them; while the reader keeps up, all are reported. When it
 * does not, a cgroup may hold a part of what is free at that moment (dynamic thresholds, as switches share their
 * buffers): one that floods stops while the others still have room, however many there are.
 *
 * First its execs lose their environment and most of their arguments, then all texts, while forks and cgroups are
 * refused; last execs and exits, which say what a process is no more. Counted as FILTER_BUDGET, and by TEXT_SHORTENED.
 */
#ifndef EUNOMIA_SHARES_BPF_H
#define EUNOMIA_SHARES_BPF_H
#include "record/budgets.bpf.h"

/* Entries; the least recently used one makes room, and begins again. */
#define SHARES		 4096
/* Eighths of the ring from which on shares are counted. */
#define SHARED_FROM	 1
/* Arguments of an exec that is over its share. */
#define SHORT_ARGS_BYTES 256
/* Where the wide cgroup is over its share, a group below it still has this part of what is free, divided by how often
 * the wide one holds that: a sibling of those that flood is not refused, nor do many groups get much together. */
#define SMALL_PART	 5

/* What a process shares with others: who may make cgroups, or change its user, begins again in the first only. Each may
 * hold half a share more than the one before. */
enum share_scope {
	SCOPE_USER = 0, /* the processes of its user in its cgroup */
	SCOPE_GROUP = 1,
	SCOPE_WIDE = 2,
	SCOPES = 3,
};

struct share_key {
	__u64 cgroup_id;
	__u32 uid;
	__u16 scope;
	__u16 hierarchy_id;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SHARES);
	__type(key, struct share_key);
	__type(value, struct share);
} shares SEC(".maps");

enum share_verdict {
	SHARE_WHOLE = 0,
	SHARE_SHORT = 1,
	SHARE_BARE = 2, /* of an exec: no texts */
	SHARE_NONE = 3,
};

static __always_inline _Bool are_shares_counted(void)
{
	return filled_eighths(&security_ring) >= SHARED_FROM;
}

/* That of the task that runs. Null when the map has none to give. */
static __always_inline struct share *own_share(__u32 scope)
{
	struct task_struct *task = current_task();
	struct cgroup *cgroup = cgroup_of_task(task);
	struct share_key key = {.scope = scope, .hierarchy_id = BPF_CORE_READ(cgroup, root, hierarchy_id)};
	struct share fresh = {.since = bpf_ringbuf_query(&security_ring, BPF_RB_PROD_POS)};
	struct share *known;

	if (scope == SCOPE_USER) {
		key.cgroup_id = BPF_CORE_READ(cgroup, kn, id);
		key.uid = task->cred->uid.val;
	} else {
		key.cgroup_id = ancestor_id(cgroup, scope == SCOPE_GROUP ? GROUP_LEVEL : WIDE_LEVEL);
	}
	known = bpf_map_lookup_elem(&shares, &key);
	if (known)
		return known;
	bpf_map_update_elem(&shares, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&shares, &key);
}

/* What a share that is held allows. Execs and exits may hold twice as much. */
static __always_inline __u32 verdict_of(__u32 kind, __u64 held, __u64 most)
{
	if (held > 2 * most)
		return SHARE_NONE;
	if (held > most && kind != KIND_EXIT)
		return kind == KIND_EXEC ? SHARE_BARE : SHARE_NONE;
	return held > most / 2 ? SHARE_SHORT : SHARE_WHOLE;
}

/* Global as begin_call_record() is. enum share_verdict of an event of the task that runs. */
__noinline int share_of(__u32 kind)
{
	__u64 most = bpf_ringbuf_query(&security_ring, BPF_RB_RING_SIZE) / 16 * PROCESSES_MAY_FILL,
	      filled = bpf_ringbuf_query(&security_ring, BPF_RB_AVAIL_DATA), free = filled < most ? most - filled : 0,
	      held_below = 0;
	__u32 verdict = SHARE_WHOLE;

	if (!has_reader())
		return SHARE_WHOLE;
	for (__u32 scope = 0; scope < SCOPES; scope++) {
		struct share *share = own_share(scope);
		__u64 held = share ? held_by(BUDGET_CALLS, share) : 0;
		__u32 allowed = verdict_of(kind, held, free * knob_process_percent * (2 + scope) / 200);

		if (scope == SCOPE_WIDE && held_below * held <= free * free / SMALL_PART)
			break;
		held_below = held;
		if (allowed == SHARE_NONE) {
			count_refused(kind);
			return SHARE_NONE;
		}
		if (allowed > verdict)
			verdict = allowed;
	}
	return verdict;
}

/* Global as begin_call_record() is. Bytes of the task that runs are in the ring. */
__noinline int charge_shares(__u32 bytes)
{
	for (__u32 scope = 0; scope < SCOPES; scope++) {
		struct share *share = own_share(scope);

		if (share)
			charge(BUDGET_CALLS, share, bytes);
	}
	return 0;
}

/* enum share_verdict of an event of the task that runs. */
static __always_inline __u32 ask_share(__u32 kind)
{
	return are_shares_counted() ? share_of(kind) : SHARE_WHOLE;
}

#endif
