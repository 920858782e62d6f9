/* SPDX-License-Identifier: Apache-2.0 */
/* What floods share: argv is PROCS PROCESSES ROUNDS. PROCESSES children make ROUNDS rounds each, for at most a minute.
 * With +FOLDER for PROCS, each of them enters a cgroup of its own below FOLDER, which is removed at the end. Prints
 * "flooding" when all have begun, and the rounds made at the end. */
#ifndef FLOOD_H
#define FLOOD_H
#include <sys/stat.h>

#include "join-cgroup.h"

static inline void name_own_cgroup(char *path, size_t size, const char *folder, int number, const char *file)
{
	snprintf(path, size, "%s/flood-%d%s", folder, number, file);
}

static inline void enter_own_cgroup(const char *folder, int number)
{
	char path[600];

	name_own_cgroup(path, sizeof(path), folder, number, "");
	if (mkdir(path, 0755))
		fail(path);
	name_own_cgroup(path, sizeof(path), folder, number, "/cgroup.procs");
	join_cgroup(path);
}

static inline int run_flood(char **argv, void (*flood)(long rounds))
{
	const char *folder = *argv[1] == '+' ? argv[1] + 1 : NULL;
	int processes = atoi(argv[2]);
	long rounds = atol(argv[3]);

	if (!folder)
		join_cgroup(argv[1]);
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			alarm(60);
			if (folder)
				enter_own_cgroup(folder, i);
			flood(rounds);
			_exit(0);
		}
	}
	dprintf(STDOUT_FILENO, "flooding\n");
	while (wait(NULL) > 0)
		;
	for (int i = 0; folder && i < processes; i++) {
		char path[600];

		name_own_cgroup(path, sizeof(path), folder, i, "");
		rmdir(path);
	}
	dprintf(STDOUT_FILENO, "%ld\n", processes * rounds);
	return 0;
}

#endif
