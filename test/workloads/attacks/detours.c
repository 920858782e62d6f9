// SPDX-License-Identifier: Apache-2.0
// The same ends by calls that are less usual: what a rule about the usual call would miss.
#include <linux/falloc.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "act.h"

#define CALL_FCHMODAT2 452

/* exchange PATH OTHER: both names change their files, and back */
static void exchange(char **arguments)
{
	report("renameat2", renameat2(AT_FDCWD, arguments[0], AT_FDCWD, arguments[1], RENAME_EXCHANGE));
	report("renameat2", renameat2(AT_FDCWD, arguments[0], AT_FDCWD, arguments[1], RENAME_EXCHANGE));
}

/* rename FROM TO, and back */
static void move_away(char **arguments)
{
	report("rename", rename(arguments[0], arguments[1]));
	report("openat", open(arguments[1], O_RDONLY));
	report("rename", rename(arguments[1], arguments[0]));
}

/* link FROM TO */
static void link_write(char **arguments)
{
	report("link", link(arguments[0], arguments[1]));
	report("openat", open(arguments[1], O_WRONLY));
	unlink(arguments[1]);
}

/* soft-link TEXT PATH */
static void soft_link(char **arguments)
{
	report("symlink", symlink(arguments[0], arguments[1]));
}

/* link-unnamed FOLDER PATH: written without a name, which it gets when it is finished */
static void link_unnamed(char **arguments)
{
	char name[64];
	int fd = open(arguments[0], O_TMPFILE | O_WRONLY, 0644);

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	report("linkat", linkat(AT_FDCWD, name, AT_FDCWD, arguments[1], AT_SYMLINK_FOLLOW));
}

/* create-set-user-id PATH: the bit from the begin, without a chmod */
static void create_set_user_id(char **arguments)
{
	umask(0);
	report("openat", open(arguments[0], O_CREAT | O_EXCL | O_WRONLY, 04755));
}

static void node_set_user_id(char **arguments)
{
	umask(0);
	report("mknod", mknod(arguments[0], S_IFREG | 04755, 0));
}

static void change_mode(char **arguments)
{
	report("fchmodat2", syscall(CALL_FCHMODAT2, AT_FDCWD, arguments[0], 04755, 0));
}

/* memory-device PATH: /dev/mem under another name */
static void memory_device(char **arguments)
{
	report("mknod", mknod(arguments[0], S_IFCHR | 0600, makedev(1, 1)));
}

/* open-to-write PATH: nothing is written */
static void open_to_write(char **arguments)
{
	report("openat", open(arguments[0], O_WRONLY));
}

/* overwrite PATH: in place */
static void overwrite(char **arguments)
{
	int fd = open(arguments[0], O_RDWR);

	report("pwrite", pwrite(fd, "x", 1, 0));
}

/* punch PATH: entries become zeros */
static void punch(char **arguments)
{
	int fd = open(arguments[0], O_WRONLY);

	report("fallocate", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
}

static void cut(char **arguments)
{
	report("truncate", truncate(arguments[0], 0));
}

/* clear-kernel-log: as a user who may not */
static void clear_kernel_log(char **arguments)
{
	(void)arguments;
	report("setuid", setuid(65534));
	report("syslog", klogctl(5, NULL, 0));
}

static pid_t victim(const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (name)
			prctl(PR_SET_NAME, name);
		for (;;)
			pause();
	}
	usleep(50000);
	return pid;
}

static void end_victim(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* abort-service NAME: a signal that ends it, but not the usual one */
static void abort_service(char **arguments)
{
	pid_t pid = victim(arguments[0]);

	report("kill", kill(pid, SIGABRT));
	end_victim(pid);
}

/* steal-descriptor PATH: out of another process */
static void steal_descriptor(char **arguments)
{
	int mine = open(arguments[0], O_RDONLY | O_CLOEXEC);
	pid_t pid = victim(NULL);
	int handle = syscall(SYS_pidfd_open, pid, 0);

	report("pidfd_getfd", syscall(SYS_pidfd_getfd, handle, mine, 0));
	end_victim(pid);
}

static void read_memory(char **arguments)
{
	static char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};
	pid_t pid = victim(NULL);

	(void)arguments;
	report("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0));
	end_victim(pid);
}

/* other-arguments: /proc/PID/cmdline shows another text */
static void other_arguments(char **arguments)
{
	(void)arguments;
	report("prctl", prctl(PR_SET_MM, PR_SET_MM_ARG_START, (unsigned long)&arguments, 0, 0));
}

static void other_executable(char **arguments)
{
	report("prctl", prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, open(arguments[0], O_RDONLY), 0, 0));
}

static void rename_by_file(char **arguments)
{
	int fd = open("/proc/self/comm", O_WRONLY);

	report("write", write(fd, arguments[0], strlen(arguments[0])));
}

/* cover-process: by the calls that replaced mount */
static void cover_process(char **arguments)
{
	char path[64];
	pid_t pid = victim(NULL);
	int context = syscall(SYS_fsopen, "tmpfs", 0), file;

	(void)arguments;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	file = syscall(SYS_fsmount, context, 0, 0);
	report("move_mount", syscall(SYS_move_mount, file, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH));
	umount2(path, MNT_DETACH);
	end_victim(pid);
}

static void cover_process_relative(char **arguments)
{
	char path[64];
	pid_t pid = victim(NULL);

	(void)arguments;
	snprintf(path, sizeof(path), "%d", pid);
	report("chdir", chdir("/proc"));
	report("mount", mount("none", path, "tmpfs", 0, NULL));
	umount2(path, MNT_DETACH);
	end_victim(pid);
}

/* open-up PLACE: what is read-only there is not any more */
static void mount_attributes(char **arguments)
{
	struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};

	report("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, arguments[0], 0, &attributes, sizeof(attributes)));
}

static void reconfigure(char **arguments)
{
	int context = syscall(SYS_fspick, AT_FDCWD, arguments[0], 0);

	report("fspick", context);
	report("fsconfig", syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "rw", NULL, 0));
	report("fsconfig", syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}

static void uncover(char **arguments)
{
	report("umount2", umount2(arguments[0], MNT_DETACH));
}

/* pivot FOLDER */
static void pivot(char **arguments)
{
	report("unshare", unshare(CLONE_NEWNS));
	report("mount", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	report("mount", mount(arguments[0], arguments[0], NULL, MS_BIND, NULL));
	report("chdir", chdir(arguments[0]));
	report("pivot_root", syscall(SYS_pivot_root, ".", "."));
}

static void clone_mounts(char **arguments)
{
	pid_t pid = syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, 0);

	(void)arguments;
	if (pid == 0)
		_exit(0);
	report("clone", pid);
	wait(NULL);
}

/* proc-root PATH: the folder of another process first, a name in it then */
static void proc_root_relative(char **arguments)
{
	int root = open("/proc/1/root", O_PATH);

	report("openat", openat(root, arguments[0] + 1, O_RDONLY));
}

static void proc_root_hidden(char **arguments)
{
	char path[256];

	report("chdir", chdir("/proc"));
	snprintf(path, sizeof(path), "1/root%s", arguments[0]);
	report("openat", open(path, O_RDONLY));
	snprintf(path, sizeof(path), "/proc//1/./root%s", arguments[0]);
	report("openat", open(path, O_RDONLY));
}

/* socket FAMILY TYPE PROTOCOL */
static void make_socket(char **arguments)
{
	report("socket", socket(atoi(arguments[0]), atoi(arguments[1]), atoi(arguments[2])));
}

/* connect-again SOCKET LINK: through a symbolic link, and through a descriptor of it */
static void connect_again(char **arguments)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int server = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	strncpy(address.sun_path, arguments[0], sizeof(address.sun_path) - 1);
	report("bind", bind(server, (void *)&address, sizeof(address)));
	report("listen", listen(server, 2));
	symlink(arguments[0], arguments[1]);
	strncpy(address.sun_path, arguments[1], sizeof(address.sun_path) - 1);
	report("connect", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(address)));
	fd = open(arguments[0], O_PATH);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", fd);
	report("connect", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(address)));
}

/* look-up: a question with a long label, in a datagram of its own */
static void look_up(char **arguments)
{
	unsigned char message[128] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int at = 12;

	(void)arguments;
	message[at++] = 60;
	memset(message + at, 'a', 60);
	at += 60;
	message[at++] = 7;
	memcpy(message + at, "example", 7);
	at += 7;
	message[at++] = 0;
	message[at + 1] = 16; /* TXT */
	message[at + 3] = 1;
	report("sendto", sendto(socket(AF_INET, SOCK_DGRAM, 0), message, at + 4, 0, (void *)&address, sizeof(address)));
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"exchange", exchange},
		{"move-away", move_away},
		{"link-write", link_write},
		{"soft-link", soft_link},
		{"link-unnamed", link_unnamed},
		{"create-set-user-id", create_set_user_id},
		{"node-set-user-id", node_set_user_id},
		{"change-mode", change_mode},
		{"memory-device", memory_device},
		{"open-to-write", open_to_write},
		{"overwrite", overwrite},
		{"punch", punch},
		{"cut", cut},
		{"clear-kernel-log", clear_kernel_log},
		{"abort-service", abort_service},
		{"steal-descriptor", steal_descriptor},
		{"read-memory", read_memory},
		{"other-arguments", other_arguments},
		{"other-executable", other_executable},
		{"rename-by-file", rename_by_file},
		{"cover-process", cover_process},
		{"cover-process-relative", cover_process_relative},
		{"mount-attributes", mount_attributes},
		{"reconfigure", reconfigure},
		{"uncover", uncover},
		{"pivot", pivot},
		{"clone-mounts", clone_mounts},
		{"proc-root-relative", proc_root_relative},
		{"proc-root-hidden", proc_root_hidden},
		{"socket", make_socket},
		{"connect-again", connect_again},
		{"look-up", look_up},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
