// SPDX-License-Identifier: Apache-2.0
// execs PROCS COUNT: forks COUNT children one after another. Each executes this program again with arguments that
// contain its number. Prints the pids of the children.
#include "join-cgroup.h"

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "child"))
		return 0;
	join_cgroup(argv[1]);
	for (int i = 0; i < atoi(argv[2]); i++) {
		char number[16];
		pid_t pid;

		snprintf(number, sizeof(number), "%d", i);
		pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			execl(argv[0], argv[0], "child", number, "", "two words", (char *)NULL);
			fail("exec");
		}
		waitpid(pid, NULL, 0);
		dprintf(STDOUT_FILENO, "%d\n", pid); // not buffered: a child would print it again
	}
	return 0;
}
