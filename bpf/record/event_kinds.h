/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The kinds of events and the topics that they go to. The records of the kinds are in event.h. */
#ifndef EUNOMIA_EVENT_KINDS_H
#define EUNOMIA_EVENT_KINDS_H

/* What happened. The number is in records, counters and captures: never reused. */
enum event_kind {
	KIND_NONE = 0,
	KIND_FORK = 1,
	KIND_EXEC = 2,
	KIND_EXEC_REFUSED = 3,
	KIND_EXIT = 4,
	KIND_OPEN = 5,
	KIND_CGROUP_MKDIR = 6,
	KIND_CGROUP_RMDIR = 7,
	KIND_TASK = 8, /* a running process, from the task iterator; has no seq */
	/* struct file_change_event */
	KIND_RENAME = 9,
	KIND_UNLINK = 10,
	KIND_LINK = 11,
	KIND_SYMLINK = 12,
	KIND_CHMOD = 13,
	KIND_CHOWN = 14,
	KIND_MKDIR = 15,
	KIND_RMDIR = 16, /* also unlinkat with AT_REMOVEDIR */
	/* struct file_attribute_event */
	KIND_TRUNCATE = 17,
	KIND_XATTR = 18, /* set or removed */
	KIND_TIMES = 19,
	/* struct socket_event */
	KIND_SOCKET = 20,
	KIND_BIND = 21,
	KIND_LISTEN = 22,
	KIND_CONNECT = 23,
	KIND_ACCEPT = 24,
	KIND_SEND = 25,
	KIND_RECEIVE = 26,
	KIND_CLOSE = 27,
	KIND_DNS = 28, /* a message from or to port 53, as far as its call moved it, as payload */
	/* struct kernel_call_event */
	KIND_MOUNT = 32,
	KIND_UMOUNT = 33,
	KIND_CHROOT = 34,
	KIND_PIVOT_ROOT = 35,
	KIND_PTRACE = 36,
	KIND_PROCESS_VM = 37,
	KIND_SETUID = 38,
	KIND_SETGID = 39,
	KIND_CAPSET = 40,
	KIND_SETNS = 41,
	KIND_UNSHARE = 42,
	KIND_BPF = 43,
	KIND_PERF_EVENT = 44,
	KIND_MODULE_LOAD = 45,
	KIND_MODULE_UNLOAD = 46,
	KIND_KEXEC = 47,
	KIND_MEMFD = 48,
	KIND_USERFAULTFD = 49,
	KIND_IO_URING = 50,
	KIND_DUP = 51,
	KIND_SIGNAL = 52,
	KIND_OOM_KILL = 53,
	KIND_KEYCTL = 54,
	KIND_PRCTL = 55,
	KIND_SECCOMP = 56,
	KIND_MKNOD = 57,
	KIND_CALL = 58,
	KIND_IPC = 59,
	KIND_IOCTL = 60,   /* also file_setattr, which does what one of them does */
	KIND_PIPE = 61,	   /* counted, never recorded */
	KIND_STREAMS = 62, /* struct exec_event with streams alone, after a copy onto one; not published */
	KIND_MAX = 64,
};

/* Space of a sequence. A topic lives in one ring: file in bulk, all others in security. */
enum event_topic {
	TOPIC_PROCESS = 0,
	TOPIC_FILE = 1,
	TOPIC_CGROUP = 2,
	TOPIC_NETWORK = 3,
	TOPIC_KERNEL = 4,
	TOPIC_MAX = 8,
};

#endif
