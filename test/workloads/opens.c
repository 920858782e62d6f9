// SPDX-License-Identifier: Apache-2.0
// opens PROCS FOLDER: every call and mode that opens a file, in a fixed order, below FOLDER (which has a file
// "present"). Prints the result of each call in one line: a descriptor or a negative errno. Every descriptor is closed
// again.
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

static void report(long result)
{
	printf("%ld\n", result < 0 ? (long)-errno : result);
	if (result >= 0)
		close(result);
}

int main(int argc, char **argv)
{
	struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0600};
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} present = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int folder = open(argv[2], O_RDONLY | O_DIRECTORY), mount;

	if (folder < 0 || chdir(argv[2]))
		fail(argv[2]);
	if (name_to_handle_at(AT_FDCWD, "present", &present.handle, &mount, 0))
		fail("name_to_handle_at");
	join_cgroup(argv[1]);
	report(syscall(SYS_open, "present", O_RDONLY, 0));
	report(syscall(SYS_openat, folder, "./present", O_WRONLY | O_APPEND, 0));
	report(syscall(SYS_openat, AT_FDCWD, "made", O_WRONLY | O_CREAT, 0640));
	report(syscall(SYS_openat, AT_FDCWD, "made", O_WRONLY | O_CREAT, 0640));
	report(syscall(SYS_openat2, folder, "made2", &how, sizeof(how)));
	report(syscall(SYS_creat, "made3", 0604));
	report(syscall(SYS_openat, folder, "../absent/file", O_RDONLY, 0));
	report(syscall(SYS_open, "present/below", O_RDONLY, 0));
	report(syscall(SYS_openat, 999, "relative", O_RDONLY, 0));
	report(syscall(SYS_openat, AT_FDCWD, (char *)16, O_RDONLY, 0));
	report(syscall(SYS_open_by_handle_at, folder, &present.handle, O_RDONLY));
	report(syscall(SYS_open_by_handle_at, 999, &present.handle, O_WRONLY));
	report(syscall(SYS_openat, AT_FDCWD, ".", O_RDWR | O_TMPFILE, 0600));
	return 0;
}
