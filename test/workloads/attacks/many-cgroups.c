// SPDX-License-Identifier: Apache-2.0
// many-cgroups FOLDER COUNT PROGRAM: a process hides its cgroup in a crowd. It creates COUNT cgroups in the cgroup
// FOLDER (at most 100,000), then one called "hidden", enters it, and runs PROGRAM there. Removes all of them at the
// end. Needs write access to FOLDER.
#include <sys/stat.h>

#include "../join-cgroup.h"

#define MOST 100000

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
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%d", argv[1], i);
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
	rmdir(path);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%d", argv[1], i);
		rmdir(path);
	}
	return WEXITSTATUS(status);
}
