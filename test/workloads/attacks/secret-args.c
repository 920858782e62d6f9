// SPDX-License-Identifier: Apache-2.0
// secret-args PROCS --secret=SECRET: puts SECRET where events would carry it to everybody who reads them (T1552): in
// the arguments and the environment of /bin/true, in the arguments of a refused exec, and in the options of a refused
// mount.
#include <sys/mount.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	static char option[512], variable[512], url[512], options[512];
	const char *secret = argc == 3 ? strchr(argv[2], '=') : NULL;
	char *args[] = {"true", option, url, "--token", (char *)secret + 1, NULL};
	char *environment[] = {variable, NULL};
	pid_t child;

	if (!secret++)
		return 2;
	join_cgroup(argv[1]);
	snprintf(option, sizeof(option), "--password=%s", secret);
	snprintf(url, sizeof(url), "https://me:%s@localhost/", secret);
	snprintf(variable, sizeof(variable), "EUNOMIA_TEST_TOKEN=%s", secret);
	snprintf(options, sizeof(options), "user=me,password=%s", secret);
	execve("/nonexistent/program", args, environment);
	mount("//localhost/share", "/nonexistent", "tmpfs", 0, options);
	child = fork();
	if (child == 0) {
		execve("/bin/true", args, environment);
		_exit(127);
	}
	return child > 0 && waitpid(child, NULL, 0) == child ? 0 : 1;
}
