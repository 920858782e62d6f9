// SPDX-License-Identifier: Apache-2.0
// flood-opens PROCS PROCESSES OPENS: fills the ring of file events with opens of /dev/null, so that a rename or a
// deletion finds no room there (impair defenses: T1562). PROCESSES children open and close it OPENS times each. Prints
// "flooding" when all have begun, and the opens made at the end.
#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int processes = atoi(argv[2]);
	long opens = atol(argv[3]);

	if (strcmp(argv[1], "-"))
		join_cgroup(argv[1]);
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			alarm(60);
			for (long j = 0; j < opens; j++)
				close(open("/dev/null", O_RDONLY));
			_exit(0);
		}
	}
	dprintf(STDOUT_FILENO, "flooding\n");
	while (wait(NULL) > 0)
		;
	dprintf(STDOUT_FILENO, "%ld\n", processes * opens);
	return 0;
}
