// SPDX-License-Identifier: Apache-2.0
// opens PROCS FOLDER: each way to open a file, in a fixed order, below FOLDER (which has a file "present"). Says what
// each call gave: one line "result" per call, a descriptor or a negative errno. Every descriptor is closed again.
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

static void tell(long result)
{
	printf("%ld\n", result < 0 ? (long)-errno : result);
	if (result >= 0)
		close(result);
}

int main(int argc, char **argv)
{
	struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0600};
	int folder = open(argv[2], O_RDONLY | O_DIRECTORY);

	if (folder < 0 || chdir(argv[2]))
		fail(argv[2]);
	join_cgroup(argv[1]);
	tell(syscall(SYS_open, "present", O_RDONLY, 0));
	tell(syscall(SYS_openat, folder, "./present", O_WRONLY | O_APPEND, 0));
	tell(syscall(SYS_openat, AT_FDCWD, "made", O_WRONLY | O_CREAT, 0640));
	tell(syscall(SYS_openat, AT_FDCWD, "made", O_WRONLY | O_CREAT, 0640));
	tell(syscall(SYS_openat2, folder, "made2", &how, sizeof(how)));
	tell(syscall(SYS_creat, "made3", 0604));
	tell(syscall(SYS_openat, folder, "../absent/file", O_RDONLY, 0));
	tell(syscall(SYS_open, "present/below", O_RDONLY, 0));
	tell(syscall(SYS_openat, 999, "relative", O_RDONLY, 0));
	tell(syscall(SYS_openat, AT_FDCWD, (char *)16, O_RDONLY, 0));
	tell(syscall(SYS_openat, AT_FDCWD, ".", O_RDWR | O_TMPFILE, 0600));
	return 0;
}
