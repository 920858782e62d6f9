/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The filters that can be changed while programs run: by process, user, cgroup, port and outcome. Checked before
 * anything is read or reserved. Not for forks, execs, exits and cgroups: the context of all other events comes from
 * them.
 */
#ifndef EUNOMIA_FILTERS_BPF_H
#define EUNOMIA_FILTERS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/filters.h"
#include "record/header.bpf.h"
#include "record/maps.bpf.h"

/* No filter leaves it out. */
#define FILTER_NONE	  FILTER_MAX
/* include/uapi/asm-generic/errno-base.h, errno.h, include/linux/errno.h */
#define ERROR_INTR	  -4
#define ERROR_IN_PROGRESS -115
#define ERROR_RESTARTSYS  -512

/* A section of its own, so that it is a map of its own: pinned, and written as a whole by the loader. */
volatile struct filter_settings filters SEC(".data.filters") = {.succeeded = ~0ULL, .failed = ~0ULL};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FILTER_NUMBERS);
	__type(key, struct filter_number);
	__type(value, __u32);
} filter_numbers SEC(".maps");

/* enum number_mode of a number; 0 when no filter has it. */
static __always_inline __u32 mode_of_number(__u32 filter, __u64 number, __u32 is_v1)
{
	struct filter_number key = {.number = number, .filter = filter, .is_v1 = is_v1};
	__u32 *mode = bpf_map_lookup_elem(&filter_numbers, &key);

	return mode ? *mode : 0;
}

static __always_inline _Bool is_asked(__u32 filter)
{
	return !!((filters.only | filters.except) & (1U << filter));
}

static __always_inline _Bool is_only(__u32 filter)
{
	return !!(filters.only & (1U << filter));
}

static __always_inline _Bool is_number_left_out(__u32 filter, __u64 number, __u32 is_v1)
{
	__u32 mode;

	if (!is_asked(filter))
		return 0;
	mode = mode_of_number(filter, number, is_v1);
	return (mode & NUMBER_EXCEPT) || (is_only(filter) && !(mode & NUMBER_ONLY));
}

/* Global, as begin_call_record() is. Returns the filter that leaves out events of the current task, or FILTER_NONE. */
__noinline int filter_of_numbers(void)
{
	struct task_struct *task = current_task();
	struct event_header header = {};

	if (is_number_left_out(FILTER_PROCESS, (__u32)task->tgid, 0))
		return FILTER_PROCESS;
	if (is_number_left_out(FILTER_USER, task->cred->uid.val, 0))
		return FILTER_USER;
	if (!is_asked(FILTER_CGROUP))
		return FILTER_NONE;
	fill_cgroup(&header, task);
	if (is_number_left_out(FILTER_CGROUP, header.cgroup_id, !!(header.flags & HEADER_CGROUP_V1)))
		return FILTER_CGROUP;
	return FILTER_NONE;
}

/* The same, of the task that runs: what it does is left out, whatever it is. */
static __always_inline __u32 filter_of_task(struct task_struct *task)
{
	if (is_ignored(task))
		return FILTER_OWN;
	return filters.only | filters.except ? filter_of_numbers() : FILTER_NONE;
}

/* Neither success nor failure yet: a connect goes on in the background, another call was interrupted. */
static __always_inline _Bool is_in_the_background(long result)
{
	return result == ERROR_IN_PROGRESS || result == ERROR_INTR || result == ERROR_RESTARTSYS;
}

/* By the result of the call: what has none yet is reported with either. */
static __always_inline _Bool is_outcome_left_out(__u32 kind, long result)
{
	__u64 succeeded = filters.succeeded, failed = filters.failed;
	__u64 wanted = result >= 0 ? succeeded : is_in_the_background(result) ? succeeded | failed : failed;

	return !(wanted & (1ULL << (kind % KIND_MAX)));
}

#define END_FILTERS  (1U << FILTER_LOCAL_PORT | 1U << FILTER_REMOTE_PORT | 1U << FILTER_ANY_PORT)
#define PORT_FILTERS (1U << FILTER_PORT | END_FILTERS)

static __always_inline __u32 mode_of_port(__u32 filter, __u16 port)
{
	return port ? mode_of_number(filter, port, 0) : 0;
}

static __always_inline _Bool is_mode_left_out(__u32 filter, __u32 mode)
{
	return (mode & NUMBER_EXCEPT) || (is_only(filter) && !(mode & NUMBER_ONLY));
}

static __always_inline _Bool is_one_end_left_out(__u32 filter, __u16 port)
{
	return is_asked(filter) && port && is_mode_left_out(filter, mode_of_port(filter, port));
}

/* Global, as begin_call_record() is. By ends that a user named: whoever connects chooses the own one freely. What is
 * not known of an end (0) leaves nothing out. */
__noinline int is_left_out_by_ends(__u32 local, __u32 remote)
{
	__u32 either;

	if (is_one_end_left_out(FILTER_LOCAL_PORT, local) || is_one_end_left_out(FILTER_REMOTE_PORT, remote))
		return 1;
	if (!is_asked(FILTER_ANY_PORT))
		return 0;
	either = mode_of_port(FILTER_ANY_PORT, local) | mode_of_port(FILTER_ANY_PORT, remote);
	return (either & NUMBER_EXCEPT) ||
	       (is_only(FILTER_ANY_PORT) && (__u16)local && (__u16)remote && !(either & NUMBER_ONLY));
}

/*
 * A port is that of the server's end: who connects chooses the port of the own end freely, so that one must hide
 * nothing. `side` has SOCKET_IS_CLIENT, SOCKET_IS_SERVER or neither; a port is 0 when unknown. Where the side is not
 * known, nothing is left out by its port, and either end may be one of those that are reported. When only some ports
 * are reported, an event without a known port is reported, too.
 */
static __always_inline _Bool is_port_left_out(__u32 side, __u16 local, __u16 remote)
{
	__u32 mode;

	if (!(local | remote))
		return 0;
	if (((filters.only | filters.except) & END_FILTERS) && is_left_out_by_ends(local, remote))
		return 1;
	if (!is_asked(FILTER_PORT))
		return 0;
	if (!(side & (SOCKET_IS_CLIENT | SOCKET_IS_SERVER))) {
		mode = (mode_of_port(FILTER_PORT, local) | mode_of_port(FILTER_PORT, remote)) & NUMBER_ONLY;
		return is_only(FILTER_PORT) && !mode;
	}
	return is_mode_left_out(FILTER_PORT, mode_of_port(FILTER_PORT, side & SOCKET_IS_CLIENT ? remote : local));
}

/* Whether a call of the task that runs is left out, before anything of it is read; FILTER_NONE when it is not. */
static __always_inline __u32 filter_of_kind(__u32 kind, long result)
{
	__u32 filter = filter_of_task(current_task());

	if (filter == FILTER_NONE && is_outcome_left_out(kind, result))
		return FILTER_OUTCOME;
	return filter;
}

/* The same, global as begin_call_record() is. */
__noinline int filter_of_call(__u32 kind, long result)
{
	return filter_of_kind(kind, result);
}

#endif
