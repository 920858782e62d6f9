// SPDX-License-Identifier: Apache-2.0
// open-tree-read PROCS FILE FOLDER: a detached copy of the mount of the folder of FILE by open_tree, and by
// open_tree_attr where the kernel has it (6.15), and the file opened below its descriptor: it lies at no path of any
// mount namespace. Needs root.
#include "read-file.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#define NR_OPEN_TREE	  428
#define NR_OPEN_TREE_ATTR 467

int main(int argc, char **argv)
{
	struct target target = target_of(argv[2]);
	/* struct mount_attr: MOUNT_ATTR_NOATIME is not set, nothing changes. */
	unsigned long long attributes[4] = {0};
	int fd;

	(void)argc;
	join_cgroup(argv[1]);
	fd = syscall(NR_OPEN_TREE, AT_FDCWD, target.folder, OPEN_TREE_CLONE);
	if (fd < 0)
		fail("open_tree");
	read_at(fd, target.name);
	close(fd);
	fd = syscall(NR_OPEN_TREE_ATTR, AT_FDCWD, target.folder, OPEN_TREE_CLONE, attributes, sizeof(attributes));
	if (fd >= 0)
		read_at(fd, target.name);
	return 0;
}
