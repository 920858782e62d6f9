// SPDX-License-Identifier: Apache-2.0
// flood-execs PROCS PROCESSES EXECS BYTES [cgroups]: fills the ring of process events, so that the execs of others find
// no room (impair defenses: T1562). PROCESSES loops fork EXECS children each (at most 20,000), which execute this
// program with an argument of BYTES (at most 131,000). With "cgroups", each child enters a cgroup of its own, made
// three levels below that of PROCS: a budget of a cgroup would be new each time. Removes them at the end.
#include <sys/stat.h>

#include "../join-cgroup.h"

#define MOST_EXECS 20000
#define MOST_BYTES 131000

static void enter_own_cgroup(const char *folder, pid_t pid)
{
	char procs[600];

	snprintf(procs, sizeof(procs), "%s/%d", folder, pid);
	if (mkdir(procs, 0755))
		fail(procs);
	strcat(procs, "/cgroup.procs");
	join_cgroup(procs);
}

static void flood(const char *program, const char *folder, int execs, char *argument)
{
	char path[600];

	for (int i = 0; i < execs; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			if (*folder)
				enter_own_cgroup(folder, getpid());
			execl(program, program, "child", argument, (char *)NULL);
			fail("exec");
		}
		waitpid(pid, NULL, 0);
		snprintf(path, sizeof(path), "%s/%d", folder, pid);
		if (*folder)
			rmdir(path);
	}
}

/* Two levels below the cgroup of PROCS: FOLDER/a/b. */
static void make_parent(char *folder, const char *procs)
{
	strcpy(folder, procs);
	strcpy(strrchr(folder, '/'), "/a");
	mkdir(folder, 0755);
	strcat(folder, "/b");
	mkdir(folder, 0755);
}

int main(int argc, char **argv)
{
	char folder[512] = "", *argument;
	int execs, bytes;

	if (argc > 1 && !strcmp(argv[1], "child"))
		return 0;
	if (argc < 5 || strlen(argv[1]) > 256 || (execs = atoi(argv[3])) > MOST_EXECS ||
	    (bytes = atoi(argv[4])) > MOST_BYTES)
		return 98;
	argument = calloc(1, bytes + 1);
	memset(argument, 'x', bytes);
	join_cgroup(argv[1]);
	if (argc > 5)
		make_parent(folder, argv[1]);
	for (int i = 0; i < atoi(argv[2]); i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			alarm(60);
			flood(argv[0], folder, execs, argument);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	if (*folder) {
		rmdir(folder);
		*strrchr(folder, '/') = 0;
		rmdir(folder);
	}
	return 0;
}
