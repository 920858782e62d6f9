// SPDX-License-Identifier: Apache-2.0
// handle-read PROCS FILE FOLDER: opens FILE by its handle, below the root FOLDER: the call names no path. Needs root.
#include "read-file.h"

int main(int argc, char **argv)
{
	char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	struct file_handle *handle = (void *)room;
	int mount_id, mount;

	(void)argc;
	join_cgroup(argv[1]);
	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, argv[2], handle, &mount_id, 0))
		fail("name_to_handle_at");
	mount = open("/", O_RDONLY | O_DIRECTORY);
	if (mount < 0 || chroot(argv[3]) || chdir("/"))
		fail(argv[3]);
	return report_open(open_by_handle_at(mount, handle, O_RDONLY));
}
