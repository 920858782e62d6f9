// SPDX-License-Identifier: Apache-2.0
// overlay-read PROCS FILE FOLDER: mounts an overlay over the folder of FILE, in a mount namespace of its own, and reads
// the file there: another file system, another inode. Needs root.
#include "read-file.h"

int main(int argc, char **argv)
{
	struct target target = target_of(argv[2]);
	char path[2 * PATH_MAX], options[4 * PATH_MAX], lower[PATH_MAX];

	(void)argc;
	join_cgroup(argv[1]);
	own_mounts();
	snprintf(lower, sizeof(lower), "%s/lower", argv[3]);
	snprintf(path, sizeof(path), "%s/merged", argv[3]);
	if (mkdir(lower, 0700) || mkdir(path, 0700))
		fail(path);
	snprintf(options, sizeof(options), "lowerdir=%s:%s", target.folder, lower);
	if (mount("overlay", path, "overlay", MS_RDONLY, options))
		fail("overlay");
	strcat(strcat(path, "/"), target.name);
	return read_at(AT_FDCWD, path);
}
