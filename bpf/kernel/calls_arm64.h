/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Calls of arm64, by their own numbers; it lacks the calls without a folder (open, rename ...). */
#ifndef EUNOMIA_CALLS_ARM64_H
#define EUNOMIA_CALLS_ARM64_H
#include "kernel/call_numbers.h"

#define NATIVE_NUMBER_IS_OURS 0
#define NATIVE_READ	      63
#define READ_OF_32_BIT	      3

/* include/uapi/asm-generic/unistd.h */
#define NATIVE_CALLS                                                                                                   \
	[23] = NR_DUP, [24] = NR_DUP3, [25] = NR_FCNTL, [33] = NR_MKNODAT, [34] = NR_MKDIRAT, [35] = NR_UNLINKAT,      \
	[36] = NR_SYMLINKAT, [37] = NR_LINKAT, [38] = NR_RENAMEAT, [39] = NR_UMOUNT2, [40] = NR_MOUNT,                 \
	[41] = NR_PIVOT_ROOT, [51] = NR_CHROOT, [52] = NR_FCHMOD, [53] = NR_FCHMODAT, [54] = NR_FCHOWNAT,              \
	[55] = NR_FCHOWN, [56] = NR_OPENAT, [57] = NR_CLOSE, [60] = NR_QUOTACTL, [64] = NR_WRITE, [65] = NR_READV,     \
	[66] = NR_WRITEV, [89] = NR_ACCT, [91] = NR_CAPSET, [92] = NR_PERSONALITY, [97] = NR_UNSHARE,                  \
	[104] = NR_KEXEC_LOAD, [105] = NR_INIT_MODULE, [106] = NR_DELETE_MODULE, [112] = NR_CLOCK_SETTIME,             \
	[116] = NR_SYSLOG, [117] = NR_PTRACE, [129] = NR_KILL, [130] = NR_TKILL, [131] = NR_TGKILL,                    \
	[138] = NR_RT_SIGQUEUEINFO, [142] = NR_REBOOT, [143] = NR_SETREGID, [144] = NR_SETGID, [145] = NR_SETREUID,    \
	[146] = NR_SETUID, [147] = NR_SETRESUID, [149] = NR_SETRESGID, [151] = NR_SETFSUID, [152] = NR_SETFSGID,       \
	[154] = NR_SETPGID, [157] = NR_SETSID, [159] = NR_SETGROUPS, [161] = NR_SETHOSTNAME, [162] = NR_SETDOMAINNAME, \
	[167] = NR_PRCTL, [170] = NR_SETTIMEOFDAY, [171] = NR_ADJTIMEX, [179] = NR_SYSINFO, [180] = NR_MQ_OPEN,        \
	[181] = NR_MQ_UNLINK, [186] = NR_MSGGET, [187] = NR_MSGCTL, [190] = NR_SEMGET, [191] = NR_SEMCTL,              \
	[194] = NR_SHMGET, [195] = NR_SHMCTL, [196] = NR_SHMAT, [198] = NR_SOCKET, [199] = NR_SOCKETPAIR,              \
	[200] = NR_BIND, [201] = NR_LISTEN, [202] = NR_ACCEPT, [203] = NR_CONNECT, [206] = NR_SENDTO,                  \
	[207] = NR_RECVFROM, [210] = NR_SHUTDOWN, [211] = NR_SENDMSG, [212] = NR_RECVMSG, [217] = NR_ADD_KEY,          \
	[218] = NR_REQUEST_KEY, [219] = NR_KEYCTL, [221] = NR_EXECVE, [224] = NR_SWAPON, [225] = NR_SWAPOFF,           \
	[240] = NR_RT_TGSIGQUEUEINFO, [241] = NR_PERF_EVENT_OPEN, [242] = NR_ACCEPT4, [243] = NR_RECVMMSG,             \
	[265] = NR_OPEN_BY_HANDLE_AT, [266] = NR_CLOCK_ADJTIME, [268] = NR_SETNS, [269] = NR_SENDMMSG,                 \
	[270] = NR_PROCESS_VM_READV, [271] = NR_PROCESS_VM_WRITEV, [273] = NR_FINIT_MODULE, [276] = NR_RENAMEAT2,      \
	[277] = NR_SECCOMP, [279] = NR_MEMFD_CREATE, [280] = NR_BPF, [281] = NR_EXECVEAT, [282] = NR_USERFAULTFD,      \
	[294] = NR_KEXEC_FILE_LOAD, [424] = NR_PIDFD_SEND_SIGNAL, [425] = NR_IO_URING_SETUP,                           \
	[427] = NR_IO_URING_REGISTER, [428] = NR_OPEN_TREE, [429] = NR_MOVE_MOUNT, [430] = NR_FSOPEN,                  \
	[431] = NR_FSCONFIG, [432] = NR_FSMOUNT, [434] = NR_PIDFD_OPEN, [437] = NR_OPENAT2, [438] = NR_PIDFD_GETFD,    \
	[442] = NR_MOUNT_SETATTR, [447] = NR_MEMFD_SECRET, [452] = NR_FCHMODAT2,

/* arch/arm64/tools/syscall_32.tbl; of the 32-bit ABI only opens and execs are read here */
#define CALLS_OF_32_BIT                                                                                                \
	[5] = NR_OPEN, [8] = NR_CREAT, [11] = NR_EXECVE, [322] = NR_OPENAT, [371] = NR_OPEN_BY_HANDLE_AT,              \
	[387] = NR_EXECVEAT, [437] = NR_OPENAT2,

#endif
