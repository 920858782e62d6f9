// SPDX-License-Identifier: Apache-2.0
// exec-storm PROCS COUNT: forks, executes this program and exits, COUNT times one after another. Prints the CPU time
// of one round, parent and child together, in nanoseconds. It includes the programs of the probes, but nothing else
// that runs on the machine.
#include <sys/resource.h>

#include "join-cgroup.h"

static double cpu_ns(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

int main(int argc, char **argv)
{
	long count;

	if (argc > 1 && !strcmp(argv[1], "child"))
		return 0;
	count = atol(argv[2]);
	join_cgroup(argv[1]);
	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			execl(argv[0], argv[0], "child", (char *)NULL);
			fail("exec");
		}
		waitpid(pid, NULL, 0);
	}
	printf("%.1f\n", (cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN)) / count);
	return 0;
}
