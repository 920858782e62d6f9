// SPDX-License-Identifier: Apache-2.0
// mount-flood PROCS FOLDER RENAMES: hides the change of a file from who resolves it by the mounts of the process (hide
// artifacts: T1564). As uid 65534 it makes as many mounts in a namespace of its own as fs.mount-max allows, in a tmpfs
// at FOLDER, then renames FOLDER/name RENAMES times. Prints the mounts that it has, then "renamed", and ends with its
// standard input. Ends with 77 where users can't make namespaces.
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "read-file.h"

#define NOBODY	  65534
#define DOUBLINGS 20

static char folder[PATH_MAX];

static const char *below(const char *prefix, int number)
{
	static char paths[2][PATH_MAX];
	static int next;
	char *path = paths[next ^= 1];

	snprintf(path, sizeof(paths[0]), "%s/%s%d", folder, prefix, number);
	return path;
}

/* A copy of the tree of mounts within itself: each has as many as all before it. */
static void double_mounts(void)
{
	int i = 0;

	for (; i < DOUBLINGS; i++)
		if (mkdir(below("d", i), 0700) || mount(folder, below("d", i), NULL, MS_BIND | MS_REC, NULL))
			break;
	/* what is left of fs.mount-max, with the smaller copies */
	while (i-- > 0) {
		mkdir(below("e", i), 0700);
		mount(below("d", i), below("e", i), NULL, MS_BIND | MS_REC, NULL);
	}
}

static long count_mounts(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "r");
	long count = 0;
	int byte;

	while (mounts && (byte = getc_unlocked(mounts)) != EOF)
		count += byte == '\n';
	if (mounts)
		fclose(mounts);
	return count;
}

int main(int argc, char **argv)
{
	long renames = argc == 4 ? atol(argv[3]) : 0;
	char map[64];

	join_cgroup(argv[1]);
	snprintf(folder, sizeof(folder), "%s", argv[2]);
	if (setgid(NOBODY) || setuid(NOBODY) || prctl(PR_SET_DUMPABLE, 1))
		fail("setuid");
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return 77;
	snprintf(map, sizeof(map), "0 %d 1", NOBODY);
	write_text("/proc/self/uid_map", map);
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/gid_map", map);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", folder, "tmpfs", 0, NULL))
		fail("mount");
	if (mknod(below("name", 0), S_IFREG | 0600, 0))
		fail("mknod");
	double_mounts();
	dprintf(STDOUT_FILENO, "%ld\n", count_mounts());
	for (long i = 0; i < renames; i++)
		if (rename(below("name", i & 1), below("name", !(i & 1))))
			fail("rename");
	dprintf(STDOUT_FILENO, "renamed\n");
	while (read(STDIN_FILENO, map, sizeof(map)) > 0)
		;
	return 0;
}
