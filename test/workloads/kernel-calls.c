// SPDX-License-Identifier: Apache-2.0
// kernel-calls PROCS FOLDER: calls that change rights, namespaces, other processes or the kernel, or fail to, below
// FOLDER. Prints one line for each call that has an event, in order: name of the call, result. It also makes calls
// that have no event (see bpf/kernel-call/kernel_call_filter.bpf.h); they have no line.
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "join-cgroup.h"

static void report(const char *call, long result)
{
	printf("%s %ld\n", call, result < 0 ? (long)-errno : result);
	fflush(stdout);
}

/* A process that waits for signals and attachments. */
static pid_t victim(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void mounts(void)
{
	mkdir("mounted", 0700);
	report("mount", syscall(SYS_mount, "evil source", "mounted", "tmpfs", MS_NOSUID, "size=64k"));
	report("mount", syscall(SYS_mount, "none", "absent", "tmpfs", 0, NULL));
	report("umount2", syscall(SYS_umount2, "./mounted", MNT_DETACH));
	report("umount2", syscall(SYS_umount2, "absent", 0));
	report("pivot_root", syscall(SYS_pivot_root, "absent", "absent"));
	report("chroot", syscall(SYS_chroot, "absent"));
	report("mknod", syscall(SYS_mknod, "fifo", S_IFIFO | 0600, 0));
	report("mknodat", syscall(SYS_mknodat, AT_FDCWD, "device", S_IFCHR | 0600, makedev(1, 300)));
}

static void others(void)
{
	pid_t pid = victim();
	char byte = 0;
	struct iovec own = {&byte, 1}, theirs = {&byte, 1};

	report("ptrace", syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0));
	report("ptrace", syscall(SYS_ptrace, PTRACE_SEIZE, 0x3fffff, 0, 0));
	report("process_vm_readv", syscall(SYS_process_vm_readv, pid, &own, 1, &theirs, 1, 0));
	report("pidfd_open", syscall(SYS_pidfd_open, pid, 0));
	/* no event; more calls than a host makes in this time */
	for (int round = 0; round < 20000; round++)
		syscall(SYS_kill, pid, 0);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGCHLD); /* not reported */
	report("kill", syscall(SYS_kill, pid, SIGKILL));
	report("kill", syscall(SYS_kill, 0x3fffff, SIGTERM));
	waitpid(pid, NULL, 0);
}

static void queues(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	report("shmget", id);
	report("shmat", syscall(SYS_shmat, id, NULL, SHM_RDONLY));
	report("shmctl", syscall(SYS_shmctl, id, IPC_RMID, NULL));
	report("shmget", syscall(SYS_shmget, 0x6d697373, 4096, 0));
	report("semget", syscall(SYS_semget, 0x6d697373, 3, 0));
	report("semctl", syscall(SYS_semctl, -1, 0, IPC_RMID, 0));
	report("msgget", syscall(SYS_msgget, 0x6d697373, 0));
	report("msgctl", syscall(SYS_msgctl, -1, IPC_RMID, NULL));
	report("mq_open", syscall(SYS_mq_open, "no queue", O_RDWR, 0, NULL));
	report("mq_unlink", syscall(SYS_mq_unlink, "no queue"));
}

static void credentials(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{1, 3, 0}, {0, 2, 0}};

	report("setgroups", syscall(SYS_setgroups, 0, NULL));
	report("setgid", syscall(SYS_setgid, 0));
	report("setregid", syscall(SYS_setregid, -1, 0));
	report("setresgid", syscall(SYS_setresgid, -1, 0, -1));
	report("setfsgid", syscall(SYS_setfsgid, 0));
	report("setuid", syscall(SYS_setuid, 0));
	report("setreuid", syscall(SYS_setreuid, -1, 0));
	report("setresuid", syscall(SYS_setresuid, 0, -1, 0));
	report("setfsuid", syscall(SYS_setfsuid, 0));
	report("capset", syscall(SYS_capset, &header, data));
	report("prctl", syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	report("prctl", syscall(SYS_prctl, PR_SET_NAME, "renamed", 0, 0, 0));
	syscall(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0); /* not reported */
	report("seccomp", syscall(SYS_seccomp, 99, 1, NULL));
	report("setresuid", syscall(SYS_setresuid, 65534, 65534, 65534));
	report("setuid", syscall(SYS_setuid, 0));
}

static void namespaces(void)
{
	int own = open("/proc/self/ns/uts", O_RDONLY);

	report("setns", syscall(SYS_setns, own, 0));
	report("setns", syscall(SYS_setns, 999, CLONE_NEWUTS));
	report("unshare", syscall(SYS_unshare, CLONE_NEWUTS | CLONE_NEWIPC));
	report("unshare", syscall(SYS_unshare, 1));
	report("sethostname", syscall(SYS_sethostname, "nowhere", 7));
	report("setsid", syscall(SYS_setsid));
	syscall(SYS_personality, 0xffffffff); /* not reported */
	report("personality", syscall(SYS_personality, PER_LINUX));
}

static void descriptors(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM, 0), file = open("/etc/passwd", O_RDONLY);
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
			       .key_size = 4,
			       .value_size = 4,
			       .max_entries = 1,
			       .map_name = "evil_map"};
	union bpf_attr none = {};
	struct io_uring_params ring = {.flags = IORING_SETUP_CLAMP};
	struct perf_event_attr event = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(event), .config = PERF_COUNT_SW_CPU_CLOCK};

	close(0);
	report("dup", syscall(SYS_dup, file));
	report("dup2", syscall(SYS_dup2, sock, 0));
	report("dup3", syscall(SYS_dup3, sock, 0, O_CLOEXEC));
	report("dup2", syscall(SYS_dup2, 999, 0));
	close(0);
	report("fcntl", syscall(SYS_fcntl, sock, F_DUPFD, 0));
	syscall(SYS_dup2, sock, 50);	   /* not reported */
	syscall(SYS_fcntl, sock, F_GETFL); /* no event at all */
	report("memfd_create", syscall(SYS_memfd_create, "evil \xff", 0));
	report("memfd_create", syscall(SYS_memfd_create, "refused", 0x8000));
	report("userfaultfd", syscall(SYS_userfaultfd, 0x8000));
	report("io_uring_setup", syscall(SYS_io_uring_setup, 8, &ring));
	report("io_uring_setup", syscall(SYS_io_uring_setup, 0, &ring));
	report("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
	syscall(SYS_bpf, BPF_MAP_GET_NEXT_ID, &none, sizeof(none)); /* not reported */
	report("perf_event_open", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
}

static void modules(void)
{
	char parameters[] = "parameter=1"; /* on the stack: BPF can't read a page that was never touched */

	report("init_module", syscall(SYS_init_module, "no module", 9, parameters));
	report("finit_module", syscall(SYS_finit_module, open("/etc/passwd", O_RDONLY), "other=2", 3));
	report("delete_module", syscall(SYS_delete_module, "no_such_module", O_NONBLOCK));
	report("kexec_load", syscall(SYS_kexec_load, 0, 1UL << 40, NULL, 1));
	report("add_key", syscall(SYS_add_key, "user", "evil key", "x", 1, 0));
	report("request_key", syscall(SYS_request_key, "user", "no such key", NULL, 0));
	report("keyctl", syscall(SYS_keyctl, 0, -2, 0, 0, 0));
}

int main(int argc, char **argv)
{
	void (*const parts[])(void) = {mounts, others, namespaces, descriptors, modules, queues, credentials};

	if (chdir(argv[2]))
		fail(argv[2]);
	join_cgroup(argv[1]);
	/* Each in a separate process, because each changes the process. */
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int status = 0;
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			parts[i]();
			_exit(0);
		}
		if (waitpid(pid, &status, 0) < 0 || status)
			fail("a part of the calls");
	}
	return 0;
}
