/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the reader of the rings sets for the programs, and what is stored next to pinned rings: written by the loader
 * (native/src/programs/programs.cc), read by maps.bpf.h and header.bpf.h. And what both write: who wakes whom.
 */
#ifndef EUNOMIA_READER_H
#define EUNOMIA_READER_H
#include <linux/types.h>

/*
 * The process that had this number at this time: one that was there before and has the number still. A later one with
 * the same number is another.
 */
struct own_process {
	__u64 at_ns; /* bpf_ktime_get_boot_ns */
	__u32 pid;   /* 0 for none */
	__u32 pad;
};

/* 56 bytes. */
struct reader_state {
	__u64 deadline_ns;    /*  0 bpf_ktime_get_ns from which on there is no reader; 0 for never */
	__u64 epoch_us;	      /*  8 Unix time at which the counters were made */
	__u32 pad;	      /* 16 */
	__u32 record_version; /* 20 RECORD_VERSION of those who write the records */
	/* Events of these are left out: of the reader, and of a helper that it made, which shares its memory. */
	struct own_process own;	   /* 24 set by the reader */
	struct own_process helper; /* 40 set by the program at its fork */
};

/* Shared with the reader: mapped, written by both. One per ring. */
struct ring_control {
	__u32 reader_sleeping; /* set by the reader before it waits, cleared by who wakes it */
	__u32 pad;
};

#endif
