/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Who made more events than a ring should carry, as the programs write it (budgets.bpf.h) and the collector reads it to
 * name the noisiest process and container (collector/drops/).
 */
#ifndef EUNOMIA_BUDGETS_H
#define EUNOMIA_BUDGETS_H
#include "record/event.h"

/* Entries of `budgets`; the least recently used one makes room for a new one, and its process begins again. */
#define BUDGETS 8192

/*
 * Levels below the root whose cgroups have budgets with all that is below them: so who may make cgroups gains nothing
 * by it. At the third are pods and the service manager of a user; at the second containers of Docker, and all of a
 * user.
 */
#define GROUP_LEVEL 3
#define WIDE_LEVEL  2

/* Kinds whose events share the part of a cgroup. */
enum budget_class {
	BUDGET_CALLS = 0, /* refused execs, kernel calls, io_uring, sockets */
	BUDGET_ENDS = 1,  /* ends of connections: they come in interrupts, where the process is any */
	BUDGET_FILES = 2, /* changes of files */
	BUDGET_OPENS = 3,
	BUDGET_NAMED_OPENS = 4, /* of files that a rule names: opens of others take nothing of it */
	BUDGET_CLASSES = 5,
};

/* In a key, next to enum event_kind: opens of BUDGET_NAMED_OPENS. */
#define KEY_NAMED_OPEN (KIND_MAX - 1)

/* Key of budgets. 16 bytes. */
struct budget_key {
	__u64 id;    /*  0 thread group id, or id of a cgroup */
	__u32 kind;  /*  8 enum event_kind; of a cgroup KIND_MAX + enum budget_class; + BUDGET_CLASSES of a wide one */
	__u32 is_v1; /* 12 of a cgroup: its id is of a v1 controller */
};

/* Bytes in a ring that may still be there: those before `since` are gone when the reader has come that far, and all
 * when it has come to `until`. */
struct share {
	__u64 since; /* position of the ring */
	__u64 used;  /* from there on */
	__u64 before;
	__u64 until;
};

/* 160 bytes. */
struct budget {
	struct event_header owner; /*   0 of the first event: whose it is */
	__u64 until_ns;		   /*  72 bpf_ktime_get_ns until which it is spent; in the past: nothing of it */
	__u64 seen[2]; /*  80 varieties of calls that were reported: of those that succeeded, and that failed */
	__u64 refused; /*  96 events over the budget */
	__u64 dropped; /* 104 events that found no room in the ring */
	/* of a process: ids of the cgroups whose budgets it spends, at these levels above its own or that itself */
	__u64 group_id;	   /* 112 GROUP_LEVEL */
	__u64 wide_id;	   /* 120 WIDE_LEVEL */
	struct share held; /* 128 of its ring, while that is filled */
};

#endif
