// SPDX-License-Identifier: Apache-2.0
// file-moves PROCS FIRST SECOND N: creates FIRST, renames it to SECOND and back N times, and deletes it.
#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int fd;

	join_cgroup(argv[1]);
	fd = open(argv[2], O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		fail(argv[2]);
	close(fd);
	for (int i = 0; i < atoi(argv[4]); i++)
		if (rename(argv[2], argv[3]) || rename(argv[3], argv[2]))
			fail("rename");
	unlink(argv[2]);
	return 0;
}
