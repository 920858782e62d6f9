// SPDX-License-Identifier: Apache-2.0
// Ways to read or change a file that is watched by its name: other calls, other roots, other names for the same file.
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/time.h>
#include <sys/xattr.h>

#include "act.h"

/* read PATH: plain openat */
static void read_file(char **arguments)
{
	report("openat", open(arguments[0], O_RDONLY));
}

static void read_openat2(char **arguments)
{
	struct open_how how = {.flags = O_RDONLY};

	report("openat2", syscall(SYS_openat2, AT_FDCWD, arguments[0], &how, sizeof(how)));
}

static void read_by_handle(char **arguments)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[MAX_HANDLE_SZ];
	} named = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount_id, root = open("/", O_RDONLY | O_DIRECTORY);

	report("name_to_handle_at", name_to_handle_at(AT_FDCWD, arguments[0], &named.handle, &mount_id, 0));
	report("open_by_handle_at", open_by_handle_at(root, &named.handle, O_RDONLY));
}

/* read-relative FOLDER NAME */
static void read_relative(char **arguments)
{
	report("chdir", chdir(arguments[0]));
	report("openat", open(arguments[1], O_RDONLY));
}

/* O_PATH says nothing about reading; the descriptor is opened again through /proc. */
static void read_reopened(char **arguments)
{
	char again[64];
	int fd = open(arguments[0], O_PATH);

	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	report("openat", open(again, O_RDONLY));
}

/* read-linked PATH LINK: through a symbolic link */
static void read_symlink(char **arguments)
{
	report("symlink", symlink(arguments[0], arguments[1]));
	report("openat", open(arguments[1], O_RDONLY));
	unlink(arguments[1]);
}

/* read-hard PATH LINK: through another name of the same inode */
static void read_hard_link(char **arguments)
{
	report("link", link(arguments[0], arguments[1]));
	report("openat", open(arguments[1], O_RDONLY));
	unlink(arguments[1]);
}

/* read-chroot FOLDER NAME: seen from FOLDER as root */
static void read_chroot(char **arguments)
{
	char path[256];

	snprintf(path, sizeof(path), "/%s", arguments[1]);
	report("chroot", chroot(arguments[0]));
	report("chdir", chdir("/"));
	report("openat", open(path, O_RDONLY));
}

/* read-bind FOLDER TARGET NAME: through a bind mount in a mount namespace of its own */
static void read_bind(char **arguments)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", arguments[1], arguments[2]);
	report("unshare", unshare(CLONE_NEWNS));
	report("mount", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	report("mount", mount(arguments[0], arguments[1], NULL, MS_BIND, NULL));
	report("openat", open(path, O_RDONLY));
}

/* read-root PATH: as another process sees it */
static void read_root(char **arguments)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/self/root%s", arguments[0]);
	report("openat", open(path, O_RDONLY));
}

/* rewrite PATH: writes what is in it */
static void rewrite(char **arguments)
{
	char text[4096];
	int from = open(arguments[0], O_RDONLY);
	ssize_t length = read(from, text, sizeof(text));
	int to = open(arguments[0], O_WRONLY);

	report("write", write(to, text, length > 0 ? length : 0));
}

/* write-renamed PATH TEXT: made elsewhere, moved into place */
static void write_renamed(char **arguments)
{
	char other[256];
	int fd;

	snprintf(other, sizeof(other), "%s.new", arguments[0]);
	fd = open(other, O_WRONLY | O_CREAT, 0644);
	report("write", write(fd, arguments[1], strlen(arguments[1])));
	close(fd);
	report("rename", rename(other, arguments[0]));
}

/* write-linked PATH FROM: a finished file gets the name */
static void write_linked(char **arguments)
{
	report("link", link(arguments[1], arguments[0]));
}

static void empty(char **arguments)
{
	report("truncate", truncate(arguments[0], 0));
}

static void set_user_id(char **arguments)
{
	int fd = open(arguments[0], O_RDONLY);

	report("fchmod", fchmod(fd, 04755));
}

/* A capability of version 2 that is effective: cap_setuid. */
static void give_capability(char **arguments)
{
	static const unsigned int value[] = {0x02000001, 1 << 7, 0, 0, 0};

	report("setxattr", setxattr(arguments[0], "security.capability", value, sizeof(value), 0));
}

static void set_times(char **arguments)
{
	const struct timespec times[] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

	report("utimensat", utimensat(AT_FDCWD, arguments[0], times, 0));
}

static void make_immutable(char **arguments)
{
	int fd = open(arguments[0], O_RDONLY), flags = FS_IMMUTABLE_FL;

	report("ioctl", ioctl(fd, FS_IOC_SETFLAGS, &flags));
	flags = 0;
	ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static void make_access_list(char **arguments)
{
	/* posix_acl_xattr version 2: owner, user 65534, group, mask, others */
	static const unsigned int value[] = {2, 0x60001, -1, 0x60002, 65534, 0x40004, -1, 0x60010, -1, 0x40020, -1};

	report("setxattr", setxattr(arguments[0], "system.posix_acl_access", value, sizeof(value), 0));
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"read", read_file},
		{"read-openat2", read_openat2},
		{"read-by-handle", read_by_handle},
		{"read-relative", read_relative},
		{"read-reopened", read_reopened},
		{"read-symlink", read_symlink},
		{"read-hard-link", read_hard_link},
		{"read-chroot", read_chroot},
		{"read-bind", read_bind},
		{"read-root", read_root},
		{"rewrite", rewrite},
		{"write-renamed", write_renamed},
		{"write-linked", write_linked},
		{"empty", empty},
		{"set-user-id", set_user_id},
		{"give-capability", give_capability},
		{"set-times", set_times},
		{"make-immutable", make_immutable},
		{"make-access-list", make_access_list},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
