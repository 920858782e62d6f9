// SPDX-License-Identifier: Apache-2.0
// cwd-escape PROCS FILE FOLDER: makes FOLDER the root and keeps a working directory outside of it, from which FILE is
// reached by a relative path; then by one of a descriptor (fchdir). Needs root.
#include "read-file.h"

int main(int argc, char **argv)
{
	struct target target = target_of(argv[2]);
	int folder;

	(void)argc;
	join_cgroup(argv[1]);
	folder = open(target.folder, O_RDONLY | O_DIRECTORY);
	if (folder < 0 || chdir("/") || chroot(argv[3]))
		fail(argv[3]);
	read_at(AT_FDCWD, argv[2] + 1);
	if (fchdir(folder))
		fail("fchdir");
	read_at(AT_FDCWD, target.name);
	return 0;
}
