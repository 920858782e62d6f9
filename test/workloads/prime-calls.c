// SPDX-License-Identifier: Apache-2.0
// prime-calls PROCS GETPPIDS CLOSES [CHILDREN]: in the cgroup of PROCS, GETPPIDS calls of getppid and CLOSES calls of
// close without a valid descriptor. With CHILDREN, also CHILDREN children one after another, with one uname each.
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int children = argc > 4 ? atoi(argv[4]) : 0;
	struct utsname name;

	join_cgroup(argv[1]);
	for (int i = 0; i < atoi(argv[2]); i++)
		syscall(SYS_getppid);
	for (int i = 0; i < atoi(argv[3]); i++)
		syscall(SYS_close, -1);
	for (int i = 0; i < children; i++) {
		pid_t child = fork();
		if (child < 0)
			fail("fork");
		if (!child)
			_exit(syscall(SYS_uname, &name) != 0);
		waitpid(child, NULL, 0);
	}
	return 0;
}
