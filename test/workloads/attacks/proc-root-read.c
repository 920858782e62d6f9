// SPDX-License-Identifier: Apache-2.0
// proc-root-read PROCS FILE FOLDER: from a mount namespace of its own whose root is FOLDER, reads FILE through the root
// of a process of the host, /proc/PID/root. Needs root.
#include "read-file.h"

int main(int argc, char **argv)
{
	char path[2 * PATH_MAX];
	pid_t parent = getppid();

	(void)argc;
	join_cgroup(argv[1]);
	own_mounts();
	snprintf(path, sizeof(path), "%s/proc", argv[3]);
	if (mkdir(path, 0700) || mount("/proc", path, NULL, MS_BIND | MS_REC, NULL) || chroot(argv[3]) || chdir("/"))
		fail(path);
	snprintf(path, sizeof(path), "/proc/%d/root%s", parent, argv[2]);
	return read_at(AT_FDCWD, path);
}
