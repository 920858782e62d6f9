// SPDX-License-Identifier: Apache-2.0
/*
 * See call_filter.h. A list of what is refused (EPERM): a list of what is allowed would have to know what libc, libuv
 * and V8 of the future call. The unit has such a list as well (SystemCallFilter).
 */
#include "call_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace eunomia
{

namespace
{

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
// Calls of the x32 table have this bit.
constexpr unsigned kForeign = 0x40000000;
#else
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
constexpr unsigned kForeign = 0x80000000;
#endif

constexpr unsigned kNewNamespaces =
	CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

const unsigned kRefused[] = {
	// memory and files of other processes
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SYS_pidfd_getfd,
	SYS_process_madvise,
	SYS_userfaultfd,
	SYS_perf_event_open,
	// mounts and namespaces
	SYS_mount,
	SYS_umount2,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SYS_pivot_root,
	SYS_chroot,
	SYS_setns,
	SYS_unshare,
	442 /* mount_setattr */,
	467 /* open_tree_attr */,
	// the kernel and its settings
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_acct,
	SYS_quotactl,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_clock_adjtime,
	SYS_adjtimex,
	SYS_syslog,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
	SYS_iopl,
	SYS_ioperm,
	SYS_modify_ldt,
#endif
	// what the owner of a file may do to it without writing
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_fsetxattr,
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_fremovexattr,
	SYS_utimensat,
	SYS_mknodat,
	452 /* fchmodat2 */,
	463 /* setxattrat */,
	466 /* removexattrat */,
	469 /* file_setattr */,
#ifdef SYS_chmod
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
	SYS_mknod,
#endif
	// other users; calls that no filter sees
	SYS_setuid,
	SYS_setgid,
	SYS_setreuid,
	SYS_setregid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setgroups,
	SYS_setfsuid,
	SYS_setfsgid,
	SYS_io_uring_setup,
};

std::vector<sock_filter> filter;

void Add(unsigned short code, unsigned value, unsigned char if_true = 0, unsigned char if_false = 0)
{
	filter.push_back({code, if_true, if_false, value});
}

void Load(size_t offset)
{
	Add(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}

void Refuse(unsigned error)
{
	Add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
}

// Refuses the call whose number is loaded.
void RefuseCall(unsigned call, unsigned error)
{
	Add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
	Refuse(error);
}

// Refuses the call when its argument has one of the bits; its number is loaded before and after.
void RefuseBits(unsigned call, size_t argument, unsigned bits)
{
	Add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
	Load(offsetof(seccomp_data, args) + 8 * argument);
	Add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
	Refuse(EPERM);
	Load(offsetof(seccomp_data, nr));
}

void RefuseValue(unsigned call, size_t argument, unsigned value)
{
	Add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
	Load(offsetof(seccomp_data, args) + 8 * argument);
	Add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	Refuse(EPERM);
	Load(offsetof(seccomp_data, nr));
}

} // namespace

void PrepareCallFilter(bool may_execute)
{
	filter.clear();
	Load(offsetof(seccomp_data, arch));
	Add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
	Refuse(EPERM);
	Load(offsetof(seccomp_data, nr));
	Add(BPF_JMP | BPF_JGE | BPF_K, kForeign, 0, 1);
	Refuse(EPERM);
	for (unsigned call : kRefused)
		RefuseCall(call, EPERM);
	// Its flags are in memory: libc falls back to clone.
	RefuseCall(SYS_clone3, ENOSYS);
	RefuseBits(SYS_clone, 0, kNewNamespaces);
	// Keys typed into a terminal that the collector shares with a shell.
	RefuseValue(SYS_ioctl, 1, TIOCSTI);
	if (!may_execute) {
		RefuseCall(SYS_execve, EPERM);
		RefuseCall(SYS_execveat, EPERM);
	}
	Add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

int CallFilterInThread()
{
	sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ? errno : 0;
}

} // namespace eunomia
