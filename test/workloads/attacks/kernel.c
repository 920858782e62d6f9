// SPDX-License-Identifier: Apache-2.0
// Calls about namespaces, credentials, memory of others and the kernel itself.
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "act.h"

static void user_namespace(char **arguments)
{
	(void)arguments;
	report("unshare", unshare(CLONE_NEWUSER));
}

static void user_namespace_clone3(char **arguments)
{
	struct clone_args clone = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &clone, sizeof(clone));

	(void)arguments;
	if (pid == 0)
		_exit(0);
	report("clone3", pid);
	wait(NULL);
}

/* enter FILE: a namespace by its file */
static void enter(char **arguments)
{
	report("setns", setns(open(arguments[0], O_RDONLY), 0));
}

/* mount-over TARGET: a tmpfs */
static void mount_over(char **arguments)
{
	report("mount", mount("none", arguments[0], "tmpfs", 0, NULL));
	umount2(arguments[0], MNT_DETACH);
}

/* mount-new TARGET: by the calls that replaced mount */
static void mount_new(char **arguments)
{
	int context = syscall(SYS_fsopen, "tmpfs", 0), file;

	report("fsopen", context);
	report("fsconfig", syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	file = syscall(SYS_fsmount, context, 0, 0);
	report("fsmount", file);
	report("move_mount", syscall(SYS_move_mount, file, "", AT_FDCWD, arguments[0], MOVE_MOUNT_F_EMPTY_PATH));
	umount2(arguments[0], MNT_DETACH);
}

/* mount-tree FOLDER TARGET: a bind mount by the new calls */
static void mount_tree(char **arguments)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, arguments[0], OPEN_TREE_CLONE);

	report("open_tree", tree);
	report("move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, arguments[1], MOVE_MOUNT_F_EMPTY_PATH));
	umount2(arguments[1], MNT_DETACH);
}

static void change_root(char **arguments)
{
	report("chroot", chroot(arguments[0]));
}

static void become_root(char **arguments)
{
	(void)arguments;
	report("setresuid", setresuid(65534, 65534, 0));
	report("setuid", setuid(0));
}

static void take_capabilities(char **arguments)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	(void)arguments;
	syscall(SYS_capget, &header, data);
	data[0].effective = data[0].permitted;
	report("capset", syscall(SYS_capset, &header, data));
}

static pid_t victim(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void end_victim(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void attach(char **arguments)
{
	pid_t pid = victim();

	(void)arguments;
	report("ptrace", ptrace(PTRACE_ATTACH, pid, 0, 0));
	end_victim(pid);
}

static void write_memory(char **arguments)
{
	static char byte;
	struct iovec from = {&byte, 1}, to = {&byte, 1};
	pid_t pid = victim();

	(void)arguments;
	report("process_vm_writev", process_vm_writev(pid, &from, 1, &to, 1, 0));
	end_victim(pid);
}

static void open_memory(char **arguments)
{
	pid_t pid = victim();
	char path[64];

	(void)arguments;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	report("openat", open(path, O_RDWR));
	end_victim(pid);
}

static void fault_handler(char **arguments)
{
	(void)arguments;
	report("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

static void memory_file(char **arguments)
{
	(void)arguments;
	report("memfd_create", memfd_create("x", MFD_CLOEXEC));
}

static void load_program(char **arguments)
{
	union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
	struct bpf_insn exit[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};

	(void)arguments;
	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attributes.insns = (unsigned long)exit;
	attributes.insn_cnt = 2;
	attributes.license = (unsigned long)"GPL";
	report("bpf", syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)));
}

static void load_module(char **arguments)
{
	(void)arguments;
	report("init_module", syscall(SYS_init_module, "no module", 9, ""));
}

static void load_module_file(char **arguments)
{
	report("finit_module", syscall(SYS_finit_module, open(arguments[0], O_RDONLY), "", 0));
}

static void load_kernel(char **arguments)
{
	(void)arguments;
	report("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

static void count_events(char **arguments)
{
	(void)arguments;
	report("perf_event_open", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}

static void key_ring(char **arguments)
{
	(void)arguments;
	report("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}

static void ring(char **arguments)
{
	char parameters[120] = {};

	(void)arguments;
	report("io_uring_setup", syscall(SYS_io_uring_setup, 1, parameters));
}

/* rename-self NAME */
static void rename_self(char **arguments)
{
	report("prctl", prctl(PR_SET_NAME, arguments[0]));
}

static void type_into_terminal(char **arguments)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);

	(void)arguments;
	report("ioctl", ioctl(terminal, TIOCSTI, "x"));
}

static void send_signal(char **arguments)
{
	pid_t pid = victim();

	(void)arguments;
	report("kill", kill(pid, SIGKILL));
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"user-namespace", user_namespace},
		{"user-namespace-clone3", user_namespace_clone3},
		{"enter", enter},
		{"mount-over", mount_over},
		{"mount-new", mount_new},
		{"mount-tree", mount_tree},
		{"change-root", change_root},
		{"become-root", become_root},
		{"take-capabilities", take_capabilities},
		{"attach", attach},
		{"write-memory", write_memory},
		{"open-memory", open_memory},
		{"fault-handler", fault_handler},
		{"memory-file", memory_file},
		{"load-program", load_program},
		{"load-module", load_module},
		{"load-module-file", load_module_file},
		{"load-kernel", load_kernel},
		{"count-events", count_events},
		{"key-ring", key_ring},
		{"ring", ring},
		{"rename-self", rename_self},
		{"type-into-terminal", type_into_terminal},
		{"send-signal", send_signal},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
