/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the tables of the usage programs hold, byte for byte, and collector/usage reads: a table is read as key and
 * value, one entry after the other. Everything is little endian and naturally aligned.
 */
#ifndef EUNOMIA_USAGE_H
#define EUNOMIA_USAGE_H
#include <linux/types.h>

#define USAGE_COMM_BYTES 16

/* 24 bytes. A process in a cgroup: one that is moved starts with zero counts. */
struct usage_owner {
	__u64 start_boot_ns; /*  0 start_boottime of the group leader */
	__u64 cgroup_id;     /*  8 */
	__u32 pid;	     /* 16 thread group id, host namespace */
	__u32 flags;	     /* 20 enum header_flags */
};

/* 16 bytes, the same for what is of a whole cgroup. */
struct usage_cgroup {
	__u64 cgroup_id; /*  0 */
	__u32 flags;	 /*  8 enum header_flags */
	__u32 abi;	 /* 12 enum usage_abi */
};

/* Tables that calls are numbered by. */
enum usage_abi {
	ABI_NATIVE = 0,
	ABI_COMPAT_32 = 1,
	ABI_X32 = 2,
};

/* Numbers of calls that are counted separately; a process may pass any number, and all above are counted as one. */
#define USAGE_CALLS	   1024
#define USAGE_CALL_UNKNOWN 0xffffffffu

/* Key of the table "calls", 32 bytes. */
struct call_key {
	struct usage_owner owner;
	__u32 number; /* 24 in its ABI; USAGE_CALL_UNKNOWN */
	__u32 abi;    /* 28 enum usage_abi */
};

/* Its value, 24 bytes. */
struct call_usage {
	__u64 count;		     /*  0 */
	char comm[USAGE_COMM_BYTES]; /*  8 of the group leader, at the first; NUL-terminated */
};

/* Value of the table "seen", by struct usage_cgroup: one bit per number. 128 bytes. */
struct calls_seen {
	__u64 bits[USAGE_CALLS / 64];
};

/* Key of the table "checks", 32 bytes. */
struct capability_key {
	struct usage_owner owner;
	__u32 number; /* 24 CAP_* */
	__u32 pad;    /* 28 */
};

/* Its value, 32 bytes. */
struct capability_usage {
	__u64 granted;		     /*  0 */
	__u64 denied;		     /*  8 */
	char comm[USAGE_COMM_BYTES]; /* 16 */
};

/* Key of the table "files", 40 bytes. */
struct file_key {
	struct usage_owner owner;
	__u64 inode;  /* 24 */
	__u32 device; /* 32 super_block.s_dev */
	__u32 pad;    /* 36 */
};

/* Its value, 48 bytes. */
struct file_usage {
	__u64 reads;		     /*  0 */
	__u64 writes;		     /*  8 */
	__u64 bytes_read;	     /* 16 */
	__u64 bytes_written;	     /* 24 */
	char comm[USAGE_COMM_BYTES]; /* 32 */
};

/* Key of the table "paths", 24 bytes: the same file may have another path in another container. */
struct path_key {
	__u64 cgroup_id; /*  0 */
	__u64 inode;	 /*  8 */
	__u32 device;	 /* 16 */
	__u32 pad;	 /* 20 */
};

#define USAGE_PATH_BYTES 512
#define USAGE_NAME_ROOM	 256

/* file_path.flags */
enum file_path_flags {
	FILE_PATH_TRUNCATED = 1 << 0, /* the first names are missing */
};

/* Its value, 776 bytes. */
struct file_path {
	__u32 length; /* 0 walked path, as in event.h */
	__u32 flags;  /* 4 enum file_path_flags */
	char names[USAGE_PATH_BYTES + USAGE_NAME_ROOM];
};

/* tcp_key.side */
enum tcp_side {
	TCP_SIDE_UNKNOWN = 0, /* the connection is older than the program */
	TCP_SIDE_CLIENT = 1,
	TCP_SIDE_SERVER = 2,
};

/* Key of the table "connections", 48 bytes. */
struct tcp_key {
	struct usage_owner owner;
	__u8 remote[16]; /* 24 IPv4 in the first 4 bytes */
	__u16 port;	 /* 40 of the server; of an unknown side the lower one */
	__u16 family;	 /* 42 AF_* */
	__u32 side;	 /* 44 enum tcp_side */
};

/* Its value, 120 bytes. */
struct tcp_usage {
	__u64 bytes_sent;	     /*  0 payload that was acknowledged */
	__u64 bytes_received;	     /*  8 */
	__u64 retransmitted;	     /* 16 segments */
	__u64 opened;		     /* 24 */
	__u64 failed;		     /* 32 connects */
	__u64 closed;		     /* 40 */
	__u64 open;		     /* 48 when the table was read */
	__u64 round_trips;	     /* 56 connections whose round trip was measured */
	__u64 round_trip_us;	     /* 64 their sum */
	__u64 min_round_trip_us;     /* 72 0 for none */
	__u64 max_round_trip_us;     /* 80 */
	__u64 connect_us;	     /* 88 sum of those that a client opened */
	__u64 max_connect_us;	     /* 96 */
	char comm[USAGE_COMM_BYTES]; /* 104 */
};

#define USAGE_NUMBERS 8

/* One per CPU: what found no room in a table, cumulated. What each number means, its program says. */
struct usage_overflow {
	__u64 numbers[USAGE_NUMBERS];
};

#endif
