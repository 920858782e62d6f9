// SPDX-License-Identifier: Apache-2.0
// named-cgroup FOLDER ID PROGRAM: a user who was given the cgroup FOLDER (systemd and rootless runtimes do that) names
// a cgroup in it like a container of Docker with this ID, enters it as user 65534, and runs PROGRAM there. Started as
// root, which moves it into FOLDER first. Removes what it created.
#include <grp.h>
#include <sys/stat.h>

#include "../join-cgroup.h"

#define NOBODY 65534

int main(int argc, char **argv)
{
	char docker[300], named[500], procs[520];
	gid_t group = NOBODY;
	int status = 0;
	pid_t pid;

	if (argc != 4)
		return 98;
	snprintf(docker, sizeof(docker), "%s/docker", argv[1]);
	snprintf(named, sizeof(named), "%s/%s", docker, argv[2]);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", argv[1]);
	pid = fork();
	if (pid == 0) {
		join_cgroup(procs);
		if (setgroups(1, &group) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
			fail("nobody");
		if (mkdir(docker, 0755) || mkdir(named, 0755))
			fail(named);
		snprintf(procs, sizeof(procs), "%s/cgroup.procs", named);
		join_cgroup(procs);
		execl(argv[3], "named-program", NULL);
		fail(argv[3]);
	}
	waitpid(pid, &status, 0);
	rmdir(named);
	rmdir(docker);
	return WEXITSTATUS(status);
}
