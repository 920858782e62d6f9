/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The records that programs write into the rings, byte for byte. collector/ring-events decodes them, with the offsets
 * that `npm run generate` takes from here. Everything is little endian and naturally aligned; a record starts with
 * struct event_header. A changed layout needs a new RECORD_VERSION, a changed decoder and new recorded captures.
 */
#ifndef EUNOMIA_EVENT_H
#define EUNOMIA_EVENT_H

#include "network/socket_facts.h"
#include "record/event_kinds.h"

#define RECORD_VERSION 4
#define COMM_BYTES     16

/* event_header.flags */
enum header_flags {
	HEADER_CGROUP_V1 = 1 << 0, /* cgroup_id is of a v1 controller: the task is in the root of v2 */
	/* how the call came into the kernel; none of them: by the native ABI */
	HEADER_IO_URING = 1 << 1, /* an operation of io_uring that does what the call does */
	HEADER_COMPAT = 1 << 2,	  /* 32-bit ABI: i386 */
	HEADER_X32 = 1 << 3,
	HEADER_FAST_OPEN = 1 << 4, /* a connect by a send (TCP Fast Open) */
	HEADER_ASSUMED = 1 << 5,   /* an operation of io_uring whose result was not seen: reported as done */
};

/* 72 bytes. */
struct event_header {
	__u16 kind;	     /*  0 enum event_kind */
	__u16 cpu;	     /*  2 */
	__u32 pid;	     /*  4 thread group id, host namespace */
	__u64 seq;	     /*  8 per topic and CPU, from 1 */
	__u64 boot_ns;	     /* 16 bpf_ktime_get_boot_ns */
	__u64 start_boot_ns; /* 24 start_boottime of the group leader */
	__u64 cgroup_id;     /* 32 */
	__u32 tid;	     /* 40 */
	__u32 uid;	     /* 44 initial user namespace */
	__u32 gid;	     /* 48 */
	__u32 euid;	     /* 52 */
	__u32 egid;	     /* 56 */
	__u32 flags;	     /* 60 enum header_flags */
	__u32 syscall;	     /* 64 number of the system call, x86-64 (also of i386 calls); 0xffffffff for none */
	__s32 result;	     /* 68 result of the system call, or 0 */
};

/* task_facts.exe_flags */
enum exe_flags {
	EXE_UPPER_LAYER = 1 << 0,
	EXE_MEMFD = 1 << 1,
	EXE_LOCAL =
		1 << 2, /* on a file system of this machine, mounted by its root: no process can hold up who reads it */
	EXE_KNOWN = 1 << 3,	   /* there is an executable, and the other bits were read */
	EXE_LOWER_LAYER = 1 << 4,  /* of an overlay, and nothing of it is in the upper layer */
	EXE_ROOT_OWNED = 1 << 5,   /* uid 0 of the initial user namespace */
	EXE_SHARED_WRITE = 1 << 6, /* its group or others may write it: by mode, and so by an ACL, whose mask that is */
	EXE_READ_ONLY = 1 << 7,	   /* mounted so */
	EXE_UNLINKED = 1 << 8,	   /* in no folder: deleted, or never linked */
	EXE_MOUNT_ROOT = 1 << 9,   /* the file itself is mounted over the name that it has */
	EXE_FOREIGN_MOUNT = 1 << 10,  /* its mount is not in the mount namespace of the process */
	EXE_HOST_ROOT = 1 << 11,      /* the root folder of the process is that of the host's first process */
	EXE_HOST_NAMESPACE = 1 << 12, /* the process is in the mount namespace of the host's first process */
	EXE_ROOT_NAMESPACE = 1 << 13, /* its mount namespace was made with the rights of the host's root */
	EXE_INTERPRETED = 1 << 14,    /* exec: the file that was given is a script, and this is its interpreter */
	EXE_STEERED = 1 << 15,	      /* exec: variables of its environment load other code into it, or may */
	EXE_COPY = 1 << 16,	      /* set by the reader: a container runtime started a copy of itself */
	EXE_HOST_MOUNTED = 1 << 17,   /* set by the reader: of an overlay that is mounted on the host, too */
	EXE_IN_MEMORY = 1 << 18,      /* on a tmpfs or its like, and no memfd */
	EXE_SHELL_FILE = 1 << 19,     /* exec: BASH_ENV or ENV names a file that a shell runs first */
	EXE_RUNTIME_PATH = 1 << 20,   /* exec: it is only steered by LD_LIBRARY_PATH as containerd sets it */
};

#define UNSET_ID 0xffffffffu

/* 144 bytes. What fork, exec and the task iterator report of a process. */
struct task_facts {
	__u64 parent_start_boot_ns;	  /*   0 */
	__u64 cap_effective;		  /*   8 */
	__u64 cap_permitted;		  /*  16 */
	__u64 cap_inheritable;		  /*  24 */
	__u64 exe_inode;		  /*  32 0 for none */
	__u64 exe_ctime_ns;		  /*  40 */
	__u64 exe_mtime_ns;		  /*  48 */
	__u32 exe_device;		  /*  56 super_block.s_dev */
	__u32 exe_flags;		  /*  60 enum exe_flags */
	__u32 parent_pid;		  /*  64 host namespace; 0 for none */
	__u32 login_uid;		  /*  68 UNSET_ID when unset */
	__u32 session_id;		  /*  72 host namespace */
	__u32 process_group_id;		  /*  76 host namespace */
	__u32 namespace_pid;		  /*  80 innermost namespace */
	__u32 namespace_process_group_id; /*  84 innermost namespace */
	__u32 tty;			  /*  88 minor & 0xff | major << 8 | (minor & ~0xff) << 12; 0 for none */
	__u32 maker_pid;		  /*  92 fork: the process that made it, host namespace; else 0 */
	char comm[COMM_BYTES];		  /*  96 NUL-terminated; bytes after the NUL are 0 */
	char parent_comm[COMM_BYTES];	  /* 112 */
	__u32 exe_uid;			  /* 128 owner of the executable, initial user namespace */
	__u32 exe_gid;			  /* 132 */
	__u32 exe_mode;			  /* 136 i_mode */
	__u32 exe_size;			  /* 140 low 32 bits; 0 in older captures */
};

/* *_event.text_flags: a text was cut at its bound, or could not be read. */
enum text_flags {
	TEXT_ARGS_TRUNCATED = 1 << 0,
	TEXT_EXE_PATH_TRUNCATED = 1 << 1,
	TEXT_CWD_TRUNCATED = 1 << 2,
	TEXT_FILENAME_TRUNCATED = 1 << 3,
	TEXT_PATH_TRUNCATED = 1 << 4,
	TEXT_ARGUMENT_TRUNCATED = 1 << 5,
	TEXT_ARGS_FAULT = 1 << 6, /* user memory was not there */
	TEXT_FILENAME_FAULT = 1 << 7,
	TEXT_ARGUMENT_FAULT = 1 << 8,
	TEXT_PATH_UNREACHABLE = 1 << 9,	     /* the file lies outside the root of the process, or was deleted */
	TEXT_PATH_FAULT = 1 << 10,	     /* open: the descriptor is closed already; no path, inode, device */
	TEXT_EXE_PATH_UNREACHABLE = 1 << 11, /* as TEXT_PATH_UNREACHABLE, of the executable */
	TEXT_CWD_UNREACHABLE = 1 << 12,	     /* as TEXT_PATH_UNREACHABLE, of the working directory */
	TEXT_PATH_IS_BASE = 1 << 13,	     /* open: path is the folder that the relative argument starts from */
	TEXT_HAS_PLACE = 1 << 14,	     /* struct path_place of the path, or of the executable, ends the record */
	TEXT_CWD_HAS_PLACE = 1 << 15,	     /* the same of the working directory */
	TEXT_ARGS_BLOCKED = 1 << 24,	     /* KIND_TASK: reading them did not end in time, so it was given up */
	TEXT_SHORTENED = 1 << 25, /* exec: over a share of the ring; no environment, arguments cut at 256 bytes */
	TEXT_VALUES_OF_KERNEL = 1 << 16, /* kernel call: name and numbers are what the kernel made of the call */
};

/*
 * Texts follow the fixed part, one after another, without padding.
 * A raw text is bytes without a terminator.
 * A walked path is its components from the last to the first, each NUL-terminated: "passwd\0etc\0" is /etc/passwd,
 * no components (length 0 and no *_TRUNCATED flag) is "/". A truncated one lacks its first components.
 */

/* path_place.flags */
enum place_flags {
	PLACE_FOREIGN_ROOT = 1 << 0,	/* the root of the process is not that of the host */
	PLACE_ROOT_UNKNOWN = 1 << 1,	/* whether it is, is not known */
	PLACE_ABOVE_TRUNCATED = 1 << 2, /* the walk to the top of the file system was cut */
};

/*
 * Where the file of a walked path lies: whatever root, bind mount or namespace it was reached through. Left out for a
 * file of the host's root file system that is reached through the host's root. 40 bytes, without padding before it,
 * then a walked path: names between the top of the mount, or the root of the process, and the top of the file system.
 * The path in the file system is this path, and the first own_length bytes of the walked path below it.
 */
struct path_place {
	__u64 real_inode;      /*  0 of a file on overlayfs that lies in a lower layer: its inode there; else 0 */
	__u32 real_device;     /*  8 the same, super_block.s_dev */
	__u32 device;	       /* 12 super_block.s_dev of the mount */
	__u32 mount_id;	       /* 16 as in /proc/PID/mountinfo */
	__u32 mount_namespace; /* 20 of the root of the process; 0 when it belongs to none */
	__u32 own_length;      /* 24 bytes of the walked path that lie in the mount of the file */
	__u32 above_length;    /* 28 */
	__u32 flags;	       /* 32 enum place_flags */
	__u32 magic;	       /* 36 super_block.s_magic */
};

/* 40 bytes. Numbers of the namespaces as /proc/PID/ns shows them; all 0 for a process that is just going. */
struct namespace_facts {
	__u64 pid_start_boot_ns;    /*  0 start_boottime of the first process of the pid namespace; 0 when unknown */
	__u32 mount;		    /*  8 */
	__u32 pid;		    /* 12 the innermost one of the process */
	__u32 network;		    /* 16 */
	__u32 user;		    /* 20 */
	__u32 uts;		    /* 24 */
	__u32 ipc;		    /* 28 */
	__u32 cgroup;		    /* 32 */
	__u32 parent_namespace_pid; /* 36 the parent as that pid namespace sees it; 0 for one outside of it */
};

/* KIND_FORK: header is the child's; its result is the CLONE_* flags that the child shows: VM, FS, FILES and
 * NEW*. 256 bytes. */
struct fork_event {
	struct event_header header;
	struct task_facts facts;	   /*  72 */
	struct namespace_facts namespaces; /* 216 */
};

/* Standard streams: stdin, stdout, stderr, descriptors 0 to 2. */
#define STREAMS 3

/* stream_facts.flags */
enum stream_flags {
	STREAM_IS_STDIN = 1 << 0,  /* the same open file as stdin: no name of its own */
	STREAM_IS_STDOUT = 1 << 1, /* the same open file as stdout */
	STREAM_NAME_TRUNCATED = 1 << 2,
	STREAM_NAME_UNREACHABLE = 1 << 3, /* as TEXT_PATH_UNREACHABLE: files without a folder are always */
	STREAM_HAS_PLACE = 1 << 4,	  /* struct path_place of the name, at the end of the record */
};

/* exec_event.environment_flags */
enum environment_flags {
	ENVIRONMENT_READ = 1 << 0,
	ENVIRONMENT_TRUNCATED = 1 << 1, /* a variable was cut, or there are more than a record holds */
	ENVIRONMENT_FAULT = 1 << 2,	/* user memory was not present: what follows is missing */
};

/* 80 bytes. What a standard stream leads to. The name is a walked path, or the raw sun_path of a unix socket. */
struct stream_facts {
	__u64 inode;		    /*  0 */
	__u32 mode;		    /*  8 i_mode; 0 for a descriptor that is closed */
	__u32 name_length;	    /* 12 */
	__u32 flags;		    /* 16 enum stream_flags */
	__u32 pad;		    /* 20 */
	struct socket_facts socket; /* 24 */
};

/*
 * KIND_EXEC, KIND_TASK: header and facts as they are after the exec. 528 bytes, then args, exe path, cwd, filename, the
 * names of the streams, the environment, and the struct path_place that flags announce: of the executable, the working
 * directory, and each stream.
 */
struct exec_event {
	struct event_header header;
	struct task_facts facts;	      /*  72 */
	__u32 args_length;		      /* 216 raw text: arguments, each NUL-terminated */
	__u32 args_total;		      /* 220 bytes before truncation */
	__u32 exe_path_length;		      /* 224 walked path */
	__u32 cwd_length;		      /* 228 walked path */
	__u32 filename_length;		      /* 232 raw text; 0 for KIND_TASK */
	__u32 text_flags;		      /* 236 TEXT_PATH_*: of the names of the streams */
	struct namespace_facts namespaces;    /* 240 */
	struct stream_facts streams[STREAMS]; /* 280 */
	__u32 environment_length;	      /* 520 raw text: variables, each NUL-terminated */
	__u32 environment_flags;	      /* 524 enum environment_flags; 0 when it was not read */
};

/* KIND_EXEC_REFUSED: header is the caller's, result is the negative errno. 88 bytes, then args, filename. */
struct exec_refused_event {
	struct event_header header;
	__u32 args_length;     /* 72 raw text: arguments, each NUL-terminated and cut at 4095 bytes */
	__u32 args_total;      /* 76 bytes seen before truncation */
	__u32 filename_length; /* 80 raw text */
	__u32 text_flags;      /* 84 */
};

/* KIND_EXIT: when the last thread of the process is gone. 80 bytes. */
struct exit_event {
	struct event_header header;
	__u32 exit_code; /* 72 as wait(2) has it: signal in bits 0..6, core in bit 7, status in bits 8..15 */
	__u32 pad;	 /* 76 */
};

/* open_event.open_flags */
enum open_flags {
	OPEN_CREATED = 1 << 0, /* FMODE_CREATED */
	OPEN_HAS_TICKET = 1 << 1,
	OPEN_FLAGS_OF_FILE = 1 << 2, /* access mode and status flags are those of the open file */
};

/*
 * KIND_OPEN: header.result is the descriptor or a negative errno. 112 bytes, then path, argument, the struct path_place
 * of the path, and with OPEN_HAS_TICKET 8 bytes without padding: the hash of a path that has no verdict yet
 * (bpf/file/path_verdicts.bpf.h).
 */
struct open_event {
	struct event_header header;
	__u64 flags;	       /*  72 open(2) flags as given */
	__u64 inode;	       /*  80 0 for a failed call */
	__u32 device;	       /*  88 */
	__u32 mode;	       /*  92 */
	__u32 open_flags;      /*  96 enum open_flags */
	__u32 path_length;     /* 100 walked path; of a failed call the base of a relative argument, or nothing */
	__u32 argument_length; /* 104 raw text, as given to the call */
	__u32 text_flags;      /* 108 */
};

/*
 * KIND_RENAME to KIND_RMDIR. 136 bytes, then path, argument, new path, new argument, struct path_place of path and of
 * new path. A path is the folder that its relative argument starts from (TEXT_PATH_IS_BASE) or nothing, then the place
 * is that of the root; of a call on a descriptor it is the file's own. Of symlink, path and argument are those of the
 * link, and the new argument is what it leads to.
 */
struct file_change_event {
	struct event_header header;
	__u64 flags;		   /*  72 of renameat2, linkat, unlinkat, fchmodat2, fchownat */
	__u64 inode;		   /*  80 of a call on a descriptor; else 0 */
	__u32 device;		   /*  88 */
	__u32 mode;		   /*  92 of chmod, mkdir */
	__u32 uid;		   /*  96 of chown, UNSET_ID to leave it */
	__u32 gid;		   /* 100 */
	__s32 folder;		   /* 104 descriptor given: a folder's (AT_FDCWD for none) or the file's */
	__s32 new_folder;	   /* 108 */
	__u32 path_length;	   /* 112 walked path */
	__u32 argument_length;	   /* 116 raw text */
	__u32 new_path_length;	   /* 120 walked path */
	__u32 new_argument_length; /* 124 raw text */
	__u32 text_flags;	   /* 128 of path and argument */
	__u32 new_text_flags;	   /* 132 the same bits, of new path and new argument */
};

/* file_attribute_event.attribute_flags */
enum attribute_flags {
	ATTRIBUTE_HAS_SIZE = 1 << 0,
	ATTRIBUTE_HAS_ACCESS_TIME = 1 << 1, /* as the next: a time was given, and not "now" or "as it is" */
	ATTRIBUTE_HAS_MODIFY_TIME = 1 << 2,
};

/*
 * KIND_TRUNCATE to KIND_TIMES. 168 bytes, then the texts of struct file_change_event. The new argument is the name of
 * an extended attribute, a text and no path.
 */
struct file_attribute_event {
	struct file_change_event change;
	__u64 size;	       /* 136 length that truncate set, bytes of an attribute's value; ATTRIBUTE_HAS_SIZE */
	__s64 access_us;       /* 144 microseconds since 1970; ATTRIBUTE_HAS_ACCESS_TIME */
	__s64 modify_us;       /* 152 ATTRIBUTE_HAS_MODIFY_TIME */
	__u32 attribute_flags; /* 160 enum attribute_flags */
	__u32 pad;	       /* 164 */
};

/* socket_event.event_flags */
enum socket_event_flags {
	SOCKET_IS_SERVER = 1 << 0,
	SOCKET_IS_CLIENT = 1 << 1,
	SOCKET_HAS_COUNTS = 1 << 2,
	SOCKET_HAS_DURATION = 1 << 3,
	SOCKET_HAS_ROUND_TRIP = 1 << 4,
	SOCKET_REMOTE_OF_CALL =
		1 << 5, /* of a connect that failed: the remote end in the facts is the one it was for */
};

/*
 * KIND_SOCKET to KIND_DNS. header.tid is 0 and header.syscall NO_SYSCALL when no call made the event: then the process
 * is the one that made the connection. 224 bytes, then address, unix name, payload.
 */
struct socket_event {
	struct event_header header;
	struct socket_facts facts; /*  72 after the call */
	__u64 size;		   /* 128 length argument of a send or receive */
	__u64 bytes_sent;	   /* 136 payload, as the next; SOCKET_HAS_COUNTS */
	__u64 bytes_received;	   /* 144 */
	__u64 packets_sent;	   /* 152 segments of TCP, else datagrams */
	__u64 packets_received;	   /* 160 */
	__u64 duration_ns;	   /* 168 SOCKET_HAS_DURATION */
	__u32 round_trip_us;	   /* 176 SOCKET_HAS_ROUND_TRIP */
	__u32 call_flags;	   /* 180 SOCK_* of socket and accept4, MSG_* of send and receive */
	__s32 fd;		   /* 184 -1 for none */
	__s32 backlog;		   /* 188 of listen */
	__u32 event_flags;	   /* 192 enum socket_event_flags */
	__s32 family;		   /* 196 as the two next: arguments of socket and socketpair */
	__u32 type;		   /* 200 without its flags */
	__s32 protocol;		   /* 204 */
	__u32 address_length;	   /* 208 struct sockaddr that the call was passed or returned */
	__u32 unix_length;	   /* 212 sun_path of the peer, else the socket's own, from the kernel */
	__u32 payload_length;	   /* 216 */
	__u32 passed_descriptors;  /* 220 of a send: descriptors in its control data (SCM_RIGHTS) */
};

/*
 * KIND_MOUNT to KIND_IOCTL. header.result is the low half of the result. 280 bytes, then path, argument, name, source,
 * options, struct path_place of the path: which of them a call has, bpf/kernel-call/kernel_call_texts.bpf.h says.
 */
struct kernel_call_event {
	struct event_header header;
	__u64 args[6];		      /*  72 as the registers had them; of a 32-bit call their low halves */
	__u64 numbers[3];	      /* 120 other numbers that the kind needs */
	__s64 result;		      /* 144 whole */
	__u64 target_start_boot_ns;   /* 152 of the process acted upon */
	__u64 target_cgroup_id;	      /* 160 */
	__u32 target_pid;	      /* 168 host namespace; 0 for none */
	__u32 target_flags;	      /* 172 enum header_flags */
	char target_comm[COMM_BYTES]; /* 176 */
	struct socket_facts socket;   /* 192 of the descriptor given */
	__u32 descriptor_mode;	      /* 248 i_mode of the file of the descriptor given; 0 for none */
	__u32 path_length;	      /* 252 walked path */
	__u32 argument_length;	      /* 256 raw text, as the others */
	__u32 name_length;	      /* 260 */
	__u32 source_length;	      /* 264 */
	__u32 options_length;	      /* 268 */
	__u32 text_flags;	      /* 272 TEXT_ARGS_*: of name, source and options */
	__u32 pad;		      /* 276 */
};

/* KIND_CGROUP_MKDIR, KIND_CGROUP_RMDIR: header.cgroup_id is the cgroup's, pid is who did it. 88 bytes, then path. */
struct cgroup_event {
	struct event_header header;
	__u32 hierarchy_id; /* 72 cgroup_root.hierarchy_id; 0 is the default hierarchy (v2) */
	__u32 level;	    /* 76 depth below the root */
	__u32 path_length;  /* 80 raw text: path below the root of the hierarchy */
	__u32 text_flags;   /* 84 TEXT_PATH_TRUNCATED */
};

/* One per CPU: what the ledger is made of. suppressed[KIND_NONE] counts calls of the x32 ABI, which are not read. */
struct event_counters {
	__u64 seq[TOPIC_MAX];	    /* last sequence given, per topic */
	__u64 emitted[KIND_MAX];    /* passed the filters; in the ring or dropped */
	__u64 dropped[KIND_MAX];    /* the ring had no room, or the scratch was taken (bpf/record/maps.bpf.h) */
	__u64 suppressed[KIND_MAX]; /* filters left it out: not in emitted, has no seq; by filter in
				       bpf/record/maps.bpf.h */
	__u64 wakeups;
};

#endif
