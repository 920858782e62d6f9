// SPDX-License-Identifier: Apache-2.0
// userns-read PROCS FILE FOLDER: as uid 65534, makes a user and a mount namespace, mounts the folder of FILE at a place
// of its own, makes that the root by pivot_root, and opens the file as /NAME. Any user can do so where user namespaces
// are allowed. FOLDER must be writable by all.
#include <sys/prctl.h>

#include "read-file.h"

#define NOBODY 65534

int main(int argc, char **argv)
{
	struct target target = target_of(argv[2]);
	char path[PATH_MAX], map[64];

	(void)argc;
	join_cgroup(argv[1]);
	if (setgid(NOBODY) || setuid(NOBODY) || prctl(PR_SET_DUMPABLE, 1))
		fail("setuid");
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		fail("unshare");
	snprintf(map, sizeof(map), "0 %d 1", NOBODY);
	write_text("/proc/self/uid_map", map);
	snprintf(path, sizeof(path), "%s/root", argv[3]);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mkdir(path, 0700))
		fail(path);
	if (mount(target.folder, path, NULL, MS_BIND | MS_REC, NULL) || chdir(path))
		fail("mount");
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		fail("pivot_root");
	snprintf(path, sizeof(path), "/%s", target.name);
	read_at(AT_FDCWD, path);
	/* refused: not the owner */
	chmod(path, 0600);
	return 0;
}
