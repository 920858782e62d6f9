/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the reader of the rings sets for the programs, and what is stored next to pinned rings: written by the loader
 * (native/src/programs/programs.cc), read by maps.bpf.h and header.bpf.h. And what both write: who wakes whom.
 */
#ifndef EUNOMIA_READER_H
#define EUNOMIA_READER_H
#include <linux/types.h>

/* 24 bytes. */
struct reader_state {
	__u64 deadline_ns;    /*  0 bpf_ktime_get_ns from which on there is no reader; 0 for never */
	__u64 epoch_us;	      /*  8 Unix time at which the counters were made */
	__u32 ignored_pid;    /* 16 leave out events of this process; 0 for none */
	__u32 record_version; /* 20 RECORD_VERSION of those who write the records */
};

/* Shared with the reader: mapped, written by both. One per ring. */
struct ring_control {
	__u32 reader_sleeping; /* set by the reader before it waits, cleared by who wakes it */
	__u32 pad;
};

#endif
