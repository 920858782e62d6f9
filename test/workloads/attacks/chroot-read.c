// SPDX-License-Identifier: Apache-2.0
// chroot-read PROCS FILE FOLDER [open|unlink|chmod|rename]: makes the folder of FILE the root, so that the process
// names the file without it (/etc/shadow becomes /shadow). Needs root. The changes fail or change nothing: to a name
// that does not exist, or to the mode that the file has.
#include "read-file.h"

int main(int argc, char **argv)
{
	struct target target = target_of(argv[2]);
	const char *what = argc > 4 ? argv[4] : "open";
	char path[PATH_MAX], absent[PATH_MAX];
	struct stat before;

	join_cgroup(argv[1]);
	if (stat(argv[2], &before) || chroot(target.folder) || chdir("/"))
		fail(target.folder);
	snprintf(path, sizeof(path), "/%s", target.name);
	snprintf(absent, sizeof(absent), "/%s.absent", target.name);
	if (!strcmp(what, "chmod"))
		return chmod(path, before.st_mode & 07777);
	if (!strcmp(what, "unlink"))
		return unlink(absent) == 0;
	if (!strcmp(what, "rename"))
		return rename(absent, path) == 0;
	return read_at(AT_FDCWD, path);
}
