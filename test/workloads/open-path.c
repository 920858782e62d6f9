// SPDX-License-Identifier: Apache-2.0
// open-path PROCS ROOT PATH...: chroots into ROOT unless it is "-", and opens each PATH for reading. "@PATH" is opened
// relative to the previous root, through a descriptor that stays open. Exits with 0 when all were opened.
#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int before = open("/", O_RDONLY | O_DIRECTORY), failed = 0;

	join_cgroup(argv[1]);
	if (strcmp(argv[2], "-") && (chroot(argv[2]) || chdir("/")))
		fail(argv[2]);
	for (int i = 3; i < argc; i++) {
		int fd = argv[i][0] == '@' ? openat(before, argv[i] + 1, O_RDONLY) : open(argv[i], O_RDONLY);

		failed += fd < 0;
		close(fd);
	}
	return failed;
}
