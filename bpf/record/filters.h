/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What filters leave out, as the loader sets it at any time (native/src/session/live_filters.cc):
 * written there and in native/kernel-control.ts, checked in filters.bpf.h and path_verdicts.bpf.h. Zeroed settings with
 * all bits of succeeded and failed leave nothing out.
 */
#ifndef EUNOMIA_FILTERS_H
#define EUNOMIA_FILTERS_H
#include <linux/types.h>

/* Who left an event out; counted by kind. The numbers are in the counts and in keys: never reused. */
enum kernel_filter {
	FILTER_INTEREST = 0, /* always: bookkeeping, further datagrams of a flow, what is tried again */
	FILTER_OWN = 1,	     /* the collector's own events */
	FILTER_PROCESS = 2,  /* numbers of these filters up to FILTER_PORT, and of ends, are in filter_numbers */
	FILTER_USER = 3,
	FILTER_CGROUP = 4,
	FILTER_PORT = 5, /* of the server's end; counts those below, too */
	FILTER_OUTCOME = 6,
	FILTER_INTENT = 7,
	FILTER_PATH = 8,
	FILTER_BUDGET = 9, /* always: more than one process or cgroup may report (bpf/record/budgets.bpf.h) */
	FILTER_LOCAL_PORT = 10,
	FILTER_REMOTE_PORT = 11,
	FILTER_ANY_PORT = 12, /* of either end */
	FILTER_MAX = 16,
};

/* Most numbers of all filters together. */
#define FILTER_NUMBERS	      65536
/* Files that rules name, remembered for when the ring is filled. */
#define NAMED_FILES	      4096
/* Places for verdicts on paths, for each possible CPU; the loader makes a power of two of them all. */
#define PATH_VERDICTS_PER_CPU 2048

/* Value of filter_numbers. */
enum number_mode {
	NUMBER_ONLY = 1 << 0,	/* of its filter, only such numbers are reported */
	NUMBER_EXCEPT = 1 << 1, /* left out */
};

/* Key of filter_numbers. 16 bytes. */
struct filter_number {
	__u64 number; /* 0 thread group id, uid, cgroup id or port */
	__u32 filter; /* 8 enum kernel_filter */
	__u32 is_v1;  /* 12 of a cgroup: its id is of a v1 controller */
};

/* What a file is opened for: a bit for each. */
enum open_way {
	OPEN_WAY_READ = 1 << 0,
	OPEN_WAY_WRITE = 1 << 1,
	OPEN_WAY_CREATED = 1 << 2,
	OPEN_WAY_SET_ID = 1 << 3, /* a new file that its starters get the rights of another user or group by */
};

/* All combinations of them. */
#define OPEN_WAYS 16

/* What happens to an open, by what it is opened for. */
enum open_choice {
	OPEN_EMITTED = 0,
	OPEN_LEFT_OUT = 1,
	OPEN_BY_PATH = 2,
	OPEN_BY_ARGUMENT = 3, /* by its path and by the argument of the call */
	OPEN_BY_BOTH = 4,     /* by its path; if that is reported, by it and the argument, too */
};

/* 80 bytes. */
struct filter_settings {
	__u32 only;		     /*  0 1 << enum kernel_filter: only reported with one of its numbers */
	__u32 except;		     /*  4 1 << enum kernel_filter: it has numbers that are left out */
	__u64 succeeded;	     /*  8 1 << enum event_kind: reported if the call succeeded */
	__u64 failed;		     /* 16 the same of calls that failed */
	__u8 opened[OPEN_WAYS];	     /* 24 enum open_choice by way */
	__u8 open_failed[OPEN_WAYS]; /* 40 the same of opens that failed; there BY_PATH reports */
	__u64 path_seed;	     /* 56 of the hashes; changes when the path filters change */
	__u32 path_mask;	     /* 64 places of path_verdicts - 1 */
	__u32 path_revision;	     /* 68 of the path filters of the reader: a new one has a new seed */
	__u32 pad[2];		     /* 72 */
};

/* An entry of path_verdicts: the hash of a path, its two lowest bits replaced by the verdict. 0 for none. */
#define PATH_EMITTED	   1
#define PATH_LEFT_OUT	   2
#define PATH_VERDICT_BITS  3
/* In a ticket, in place of the verdict: it is of the path with the argument, and not of the path with any. */
#define TICKET_OF_ARGUMENT 2

#endif
