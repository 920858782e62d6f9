// SPDX-License-Identifier: Apache-2.0
// steady-load PROCS FOLDER ROUNDS OPENS PAUSE_US: ROUNDS times, PAUSE_US apart, or until FOLDER/stop exists: creates
// OPENS files FOLDER/ROUND-NUMBER and removes each, then forks a child that executes this program again with the
// argument ROUND. The names of every tenth round are "due-ROUND-NUMBER" and "due-ROUND", so that a rule can match them.
// PROCS "-": stays in its cgroup. Prints the number of rounds.
#include "join-cgroup.h"

static const char *prefix(int round)
{
	return round % 10 ? "" : "due-";
}

static void make_files(const char *folder, int round, int opens)
{
	char path[512];

	for (int number = 0; number < opens; number++) {
		int fd;

		snprintf(path, sizeof(path), "%s/%s%d-%d", folder, prefix(round), round, number);
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			fail(path);
		close(fd);
		unlink(path);
	}
}

static void run_child(const char *program, int round)
{
	char number[32];
	pid_t pid;

	snprintf(number, sizeof(number), "%s%d", prefix(round), round);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		execl(program, program, number, (char *)NULL);
		fail("exec");
	}
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	char stop[512];
	int round = 0;

	if (argc == 2)
		return 0;
	join_cgroup(argv[1]);
	snprintf(stop, sizeof(stop), "%s/stop", argv[2]);
	for (; round < atoi(argv[3]) && access(stop, F_OK); round++) {
		make_files(argv[2], round, atoi(argv[4]));
		run_child(argv[0], round);
		usleep(atoi(argv[5]));
	}
	printf("%d\n", round);
	return 0;
}
