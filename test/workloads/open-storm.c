// SPDX-License-Identifier: Apache-2.0
// open-storm PROCS COUNT [PATH [LAST...]]: opens and closes PATH, or /dev/null, COUNT times, as fast as possible, and
// each LAST once. Prints the CPU time of one round in nanoseconds. It includes programs at sys_exit, but nothing else
// that runs on the machine.
#include <time.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	struct timespec start, end;
	long count = atol(argv[2]);
	const char *path = argc > 3 ? argv[3] : "/dev/null";

	join_cgroup(argv[1]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	for (long i = 0; i < count; i++)
		close(open(path, O_RDONLY));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	for (int i = 4; i < argc; i++)
		close(open(argv[i], O_RDONLY));
	printf("%.1f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / count);
	return 0;
}
