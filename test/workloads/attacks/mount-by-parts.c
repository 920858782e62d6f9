// SPDX-License-Identifier: Apache-2.0
// mount-by-parts PROCS FOLDER: mounts by the calls that took mount(2) to pieces (T1611 in a container): makes a tmpfs
// from its parts and moves it below FOLDER, clones a tree, clones one with other attributes, changes attributes,
// reconfigures the mount, and takes it away again. Prints one line for each call, in order: name of the call, result (0
// for a descriptor, or a negative errno).
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#define UMOUNT_DETACH 2

static int report(const char *call, long result)
{
	printf("%s %ld\n", call, result < 0 ? (long)-errno : 0);
	return result;
}

int main(int argc, char **argv)
{
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC};
	int context, mount, tree, picked;

	if (chdir(argv[2]) || mkdir("place", 0700))
		fail(argv[2]);
	join_cgroup(argv[1]);
	context = report("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
	report("fsconfig", syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", "evil source", 0));
	report("fsconfig", syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "size", "64k", 0));
	report("fsconfig", syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mount = report("fsmount", syscall(SYS_fsmount, context, 0, MOUNT_ATTR_NOSUID));
	report("move_mount", syscall(SYS_move_mount, mount, "", AT_FDCWD, "place", MOVE_MOUNT_F_EMPTY_PATH));
	tree = report("open_tree", syscall(SYS_open_tree, AT_FDCWD, "place", OPEN_TREE_CLONE));
	report("open_tree_attr",
	       syscall(SYS_open_tree_attr, AT_FDCWD, "./place", OPEN_TREE_CLONE, &read_only, sizeof(read_only)));
	report("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "place", 0, &read_only, sizeof(read_only)));
	picked = report("fspick", syscall(SYS_fspick, AT_FDCWD, "place", 0));
	report("move_mount", syscall(SYS_move_mount, AT_FDCWD, "absent", AT_FDCWD, "place", 0));
	report("fsopen", syscall(SYS_fsopen, "no_such_type", 0));
	report("umount2", syscall(SYS_umount2, "place", UMOUNT_DETACH));
	close(tree);
	close(picked);
	return 0;
}
