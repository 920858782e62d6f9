/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Calls of the ABIs of x86, by their own numbers: of x86-64 they are those of the records. */
#ifndef EUNOMIA_CALLS_X86_H
#define EUNOMIA_CALLS_X86_H
#include "kernel/call_numbers.h"

/* The number of a native call is that of the record. */
#define NATIVE_NUMBER_IS_OURS 1
#define NATIVE_READ	      0
#define READ_OF_32_BIT	      3

/* arch/x86/entry/syscalls/syscall_32.tbl; ids of users and files of more than 16 bits have calls of their own there */
#define CALLS_OF_32_BIT                                                                                                \
	[4] = NR_WRITE, [145] = NR_READV, [146] = NR_WRITEV, [5] = NR_OPEN, [6] = NR_CLOSE, [8] = NR_CREAT,            \
	[9] = NR_LINK, [10] = NR_UNLINK, [11] = NR_EXECVE, [14] = NR_MKNOD, [15] = NR_CHMOD, [16] = NR_LCHOWN,         \
	[21] = NR_MOUNT, [23] = NR_SETUID, [26] = NR_PTRACE, [37] = NR_KILL, [38] = NR_RENAME, [39] = NR_MKDIR,        \
	[40] = NR_RMDIR, [41] = NR_DUP, [46] = NR_SETGID, [51] = NR_ACCT, [52] = NR_UMOUNT2, [55] = NR_FCNTL,          \
	[57] = NR_SETPGID, [61] = NR_CHROOT, [63] = NR_DUP2, [66] = NR_SETSID, [70] = NR_SETREUID, [71] = NR_SETREGID, \
	[74] = NR_SETHOSTNAME, [79] = NR_SETTIMEOFDAY, [81] = NR_SETGROUPS, [83] = NR_SYMLINK, [87] = NR_SWAPON,       \
	[88] = NR_REBOOT, [94] = NR_FCHMOD, [95] = NR_FCHOWN, [101] = NR_IOPERM, [102] = NR_SOCKETCALL,                \
	[103] = NR_SYSLOG, [110] = NR_IOPL, [115] = NR_SWAPOFF, [116] = NR_SYSINFO, [117] = NR_IPC_CALL,               \
	[121] = NR_SETDOMAINNAME, [124] = NR_ADJTIMEX, [128] = NR_INIT_MODULE, [129] = NR_DELETE_MODULE,               \
	[131] = NR_QUOTACTL, [136] = NR_PERSONALITY, [138] = NR_SETFSUID, [139] = NR_SETFSGID, [164] = NR_SETRESUID,   \
	[170] = NR_SETRESGID, [172] = NR_PRCTL, [178] = NR_RT_SIGQUEUEINFO, [182] = NR_CHOWN, [185] = NR_CAPSET,       \
	[198] = NR_LCHOWN, [203] = NR_SETREUID, [204] = NR_SETREGID, [206] = NR_SETGROUPS, [207] = NR_FCHOWN,          \
	[208] = NR_SETRESUID, [210] = NR_SETRESGID, [212] = NR_CHOWN, [213] = NR_SETUID, [214] = NR_SETGID,            \
	[215] = NR_SETFSUID, [216] = NR_SETFSGID, [217] = NR_PIVOT_ROOT, [221] = NR_FCNTL, [238] = NR_TKILL,           \
	[264] = NR_CLOCK_SETTIME, [270] = NR_TGKILL, [277] = NR_MQ_OPEN, [278] = NR_MQ_UNLINK, [283] = NR_KEXEC_LOAD,  \
	[286] = NR_ADD_KEY, [287] = NR_REQUEST_KEY, [288] = NR_KEYCTL, [295] = NR_OPENAT, [296] = NR_MKDIRAT,          \
	[297] = NR_MKNODAT, [298] = NR_FCHOWNAT, [301] = NR_UNLINKAT, [302] = NR_RENAMEAT, [303] = NR_LINKAT,          \
	[304] = NR_SYMLINKAT, [306] = NR_FCHMODAT, [310] = NR_UNSHARE, [330] = NR_DUP3, [335] = NR_RT_TGSIGQUEUEINFO,  \
	[336] = NR_PERF_EVENT_OPEN, [337] = NR_RECVMMSG, [342] = NR_OPEN_BY_HANDLE_AT, [343] = NR_CLOCK_ADJTIME,       \
	[345] = NR_SENDMMSG, [346] = NR_SETNS, [347] = NR_PROCESS_VM_READV, [348] = NR_PROCESS_VM_WRITEV,              \
	[350] = NR_FINIT_MODULE, [353] = NR_RENAMEAT2, [354] = NR_SECCOMP, [356] = NR_MEMFD_CREATE, [357] = NR_BPF,    \
	[358] = NR_EXECVEAT, [359] = NR_SOCKET, [360] = NR_SOCKETPAIR, [361] = NR_BIND, [362] = NR_CONNECT,            \
	[363] = NR_LISTEN, [364] = NR_ACCEPT4, [369] = NR_SENDTO, [370] = NR_SENDMSG, [371] = NR_RECVFROM,             \
	[372] = NR_RECVMSG, [373] = NR_SHUTDOWN, [374] = NR_USERFAULTFD, [393] = NR_SEMGET, [394] = NR_SEMCTL,         \
	[395] = NR_SHMGET, [396] = NR_SHMCTL, [397] = NR_SHMAT, [399] = NR_MSGGET, [402] = NR_MSGCTL,                  \
	[404] = NR_CLOCK_SETTIME, [405] = NR_CLOCK_ADJTIME, [417] = NR_RECVMMSG, [424] = NR_PIDFD_SEND_SIGNAL,         \
	[425] = NR_IO_URING_SETUP, [427] = NR_IO_URING_REGISTER, [428] = NR_OPEN_TREE, [429] = NR_MOVE_MOUNT,          \
	[430] = NR_FSOPEN, [431] = NR_FSCONFIG, [432] = NR_FSMOUNT, [434] = NR_PIDFD_OPEN, [437] = NR_OPENAT2,         \
	[438] = NR_PIDFD_GETFD, [442] = NR_MOUNT_SETATTR, [447] = NR_MEMFD_SECRET, [452] = NR_FCHMODAT2,

#endif
