// SPDX-License-Identifier: Apache-2.0
// bind-read PROCS FILE FOLDER [file]: mounts the folder of FILE, or the file itself, at a place of its own in the mount
// namespace that it runs in, and reads the file there. Needs root; unmounts it again. In the namespace of the host FILE
// must be one that the test made: if it stayed mounted, it would be removed with FOLDER.
#include "read-file.h"

int main(int argc, char **argv)
{
	struct target target = target_of(argv[2]);
	char path[PATH_MAX];
	int is_file = argc > 4;

	join_cgroup(argv[1]);
	snprintf(path, sizeof(path), "%s/%s", argv[3], is_file ? "harmless" : "here");
	if (is_file ? close(creat(path, 0600)) : mkdir(path, 0700))
		fail(path);
	if (mount(is_file ? argv[2] : target.folder, path, NULL, MS_BIND, NULL))
		fail("mount");
	if (is_file) {
		read_at(AT_FDCWD, path);
	} else {
		char below[2 * PATH_MAX];

		snprintf(below, sizeof(below), "%s/%s", path, target.name);
		read_at(AT_FDCWD, below);
		chmod(strcat(below, ".absent"), 0600);
	}
	if (umount2(path, MNT_DETACH))
		fail("umount");
	return 0;
}
