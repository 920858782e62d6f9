// SPDX-License-Identifier: Apache-2.0
// file-attributes PROCS FOLDER: tampers with files without writing to them. A log is emptied with truncate (T1070.002),
// a program gets a capability as an extended attribute (T1548.001), an attribute hides data (T1564), and times are set
// back (T1070.006): each by every call that can do it, on a path, below a folder and on a descriptor, and once refused.
// Prints one line for each call, in order: name of the call, result (0 or a negative errno).
#include <linux/capability.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#include "join-cgroup.h"

#ifndef SYS_setxattrat
#define SYS_setxattrat	  463
#define SYS_removexattrat 466
#endif
/* 2020-01-01T00:00:00Z, with a fraction in nanoseconds and in microseconds */
#define LONG_AGO     1577836800
#define NANOSECONDS  123456789
#define MICROSECONDS 123456

struct xattr_arguments {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

static void report(const char *call, long result)
{
	printf("%s %ld\n", call, result < 0 ? (long)-errno : result);
}

static void truncations(int fd)
{
	report("truncate", syscall(SYS_truncate, "log", 7));
	report("ftruncate", syscall(SYS_ftruncate, fd, 0));
	report("truncate", syscall(SYS_truncate, "absent", 0));
	report("ftruncate", syscall(SYS_ftruncate, 999, 0));
}

static void attributes(int folder, int fd)
{
	const struct vfs_cap_data capability = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data[0].permitted = 1 << CAP_SETUID,
	};
	struct xattr_arguments given = {.value = (uintptr_t)"hidden", .size = 6, .flags = XATTR_CREATE};

	report("setxattr", syscall(SYS_setxattr, "program", "security.capability", &capability, XATTR_CAPS_SZ_2, 0));
	report("lsetxattr", syscall(SYS_lsetxattr, "program", "trusted.l", "x", 1, XATTR_CREATE));
	report("fsetxattr",
	       syscall(SYS_fsetxattr, fd, "security.capability", &capability, XATTR_CAPS_SZ_2, XATTR_REPLACE));
	report("setxattrat", syscall(SYS_setxattrat, folder, "program", 0, "trusted.at", &given, sizeof(given)));
	report("setxattrat", syscall(SYS_setxattrat, fd, "", AT_EMPTY_PATH, "trusted.of", &given, sizeof(given)));
	report("removexattr", syscall(SYS_removexattr, "program", "trusted.at"));
	report("lremovexattr", syscall(SYS_lremovexattr, "program", "trusted.l"));
	report("fremovexattr", syscall(SYS_fremovexattr, fd, "security.capability"));
	report("removexattrat", syscall(SYS_removexattrat, folder, "program", 0, "trusted.of"));
	report("setxattr", syscall(SYS_setxattr, "absent", "user.x", "x", 1, 0));
	report("removexattr", syscall(SYS_removexattr, "program", "trusted.absent"));
}

static void times(int folder, int fd)
{
	const struct timespec exact[2] = {{LONG_AGO, NANOSECONDS}, {LONG_AGO + 1, NANOSECONDS}};
	const struct timespec half[2] = {{0, UTIME_OMIT}, {LONG_AGO, 0}};
	const struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
	const struct timeval rounded[2] = {{LONG_AGO, MICROSECONDS}, {LONG_AGO + 1, MICROSECONDS}};
	const struct utimbuf seconds = {LONG_AGO, LONG_AGO + 1};

	report("utimensat", syscall(SYS_utimensat, folder, "program", exact, 0));
	report("utimensat", syscall(SYS_utimensat, fd, NULL, half, 0));
	report("utimensat", syscall(SYS_utimensat, AT_FDCWD, "program", now, AT_SYMLINK_NOFOLLOW));
	report("utimensat", syscall(SYS_utimensat, AT_FDCWD, "program", NULL, 0));
	report("utimes", syscall(SYS_utimes, "program", rounded));
	report("futimesat", syscall(SYS_futimesat, folder, "program", rounded));
	report("futimesat", syscall(SYS_futimesat, fd, NULL, rounded));
	report("utime", syscall(SYS_utime, "program", &seconds));
	report("utime", syscall(SYS_utime, "absent", &seconds));
	report("utimensat", syscall(SYS_utimensat, 999, NULL, exact, 0));
}

int main(int argc, char **argv)
{
	int folder, fd, log;

	if (chdir(argv[2]))
		fail(argv[2]);
	folder = open(".", O_RDONLY | O_DIRECTORY);
	log = open("log", O_CREAT | O_RDWR, 0600);
	fd = open("program", O_CREAT | O_RDWR, 0700);
	if (folder < 0 || fd < 0 || log < 0 || write(log, "one line\n", 9) != 9)
		fail("open");
	join_cgroup(argv[1]);
	truncations(log);
	attributes(folder, fd);
	times(folder, fd);
	return 0;
}
