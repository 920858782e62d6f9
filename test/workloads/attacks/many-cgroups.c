// SPDX-License-Identifier: Apache-2.0
// many-cgroups FOLDER COUNT PROGRAM: a process hides its cgroup in a crowd. It creates COUNT cgroups in the cgroup
// FOLDER (at most 100,000), then one called "hidden", enters it, and runs PROGRAM there. Removes all of them at any
// end. Needs write access to FOLDER.
#include <signal.h>
#include <sys/stat.h>

#include "../join-cgroup.h"

#define MOST 100000

static const char *folder;
static int made;
static pid_t creator;

static void remove_all(void)
{
	char path[512];

	if (getpid() != creator)
		return;
	snprintf(path, sizeof(path), "%s/hidden", folder);
	rmdir(path);
	while (made > 0) {
		snprintf(path, sizeof(path), "%s/%d", folder, --made);
		rmdir(path);
	}
}

static void stop(int signal)
{
	remove_all();
	_exit(128 + signal);
}

static void run(const char *hidden, const char *program)
{
	char procs[600];

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", hidden);
	join_cgroup(procs);
	execl(program, "hidden-program", NULL);
	fail(program);
}

int main(int argc, char **argv)
{
	char path[512];
	int count, status = 0;
	pid_t pid;

	if (argc != 4 || (count = atoi(argv[2])) > MOST)
		return 98;
	folder = argv[1];
	creator = getpid();
	atexit(remove_all);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGHUP, stop);
	for (; made < count; made++) {
		snprintf(path, sizeof(path), "%s/%d", folder, made);
		if (mkdir(path, 0755))
			fail(path);
	}
	snprintf(path, sizeof(path), "%s/hidden", argv[1]);
	if (mkdir(path, 0755))
		fail(path);
	pid = fork();
	if (pid == 0)
		run(path, argv[3]);
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}
