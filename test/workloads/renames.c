// SPDX-License-Identifier: Apache-2.0
// renames PROCS FIRST SECOND N: renames FIRST to SECOND and back N times, while a child constantly opens both names,
// whichever exists. At the end the file is called FIRST.
#include <signal.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int count = atoi(argv[4]);
	pid_t child;

	join_cgroup(argv[1]);
	child = fork();
	if (!child)
		for (;;) {
			close(open(argv[2], O_RDONLY));
			close(open(argv[3], O_RDONLY));
		}
	for (int i = 0; i < count; i++)
		if (rename(argv[2], argv[3]) || rename(argv[3], argv[2]))
			fail("rename");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
