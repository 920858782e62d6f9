/* SPDX-License-Identifier: Apache-2.0 */
/* What floods share: argv is PROCS PROCESSES ROUNDS. PROCESSES children make ROUNDS rounds each, for at most a minute.
 * Prints "flooding" when all have begun, and the rounds made at the end. */
#ifndef FLOOD_H
#define FLOOD_H
#include "join-cgroup.h"

static inline int run_flood(char **argv, void (*flood)(long rounds))
{
	int processes = atoi(argv[2]);
	long rounds = atol(argv[3]);

	join_cgroup(argv[1]);
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			alarm(60);
			flood(rounds);
			_exit(0);
		}
	}
	dprintf(STDOUT_FILENO, "flooding\n");
	while (wait(NULL) > 0)
		;
	dprintf(STDOUT_FILENO, "%ld\n", processes * rounds);
	return 0;
}

#endif
