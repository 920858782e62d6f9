// SPDX-License-Identifier: Apache-2.0
// link-read PROCS FILE FOLDER: makes a hard link to FILE, reads it by that name and removes it. Needs root, and FOLDER
// on the file system of FILE.
#include "read-file.h"

int main(int argc, char **argv)
{
	char path[PATH_MAX];

	(void)argc;
	join_cgroup(argv[1]);
	snprintf(path, sizeof(path), "%s/notes", argv[3]);
	if (link(argv[2], path))
		fail(path);
	read_at(AT_FDCWD, path);
	return unlink(path);
}
