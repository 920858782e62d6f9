// SPDX-License-Identifier: Apache-2.0
// forge PROCS FOLDER VICTIM [CGROUP]: switches to the user nobody in the cgroup PROCS and forges its identity. VICTIM
// is the id of a running container. It sets its name to a terminal escape, a line break and a quote. It opens
// FOLDER/marker and a file whose name contains all that and "container=VICTIM". It executes itself with such arguments
// (also invalid UTF-8 and 100 KiB of them) and such an environment, calls itself runc and opens FOLDER/marker again.
// With CGROUP, it tries to move into a new cgroup CGROUP/docker/VICTIM and opens FOLDER/marker-moved. Prints "moved"
// or the call that failed.
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "join-cgroup.h"

#define NOBODY	65534
#define HOSTILE "\x1b[2J\x1b]0;owned\x07\r\n\"',{}\\ \xff\xfe\xc3( \xe2\x80\xae container="

static void become_nobody(void)
{
	gid_t none = NOBODY;

	if (setgroups(1, &none) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		fail("nobody");
}

static void touch(const char *folder, const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CREAT, 0644);
	if (fd < 0)
		fail(path);
	close(fd);
}

static void move(const char *cgroup, const char *victim)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/docker", cgroup);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/docker/%s", cgroup, victim);
	mkdir(path, 0755);
	strcat(path, "/cgroup.procs");
	fd = open(path, O_WRONLY);
	puts(fd >= 0 && write(fd, "0", 1) == 1 ? "moved" : strerror(errno));
	close(fd);
}

static void forge_exec(char **argv)
{
	static char hostile[200], container[200], hostname[100], big[100 << 10];
	char *arguments[] = {"runc:[2:INIT]", "again", argv[2], argv[3], argv[4] ? argv[4] : "", hostile, big, NULL};
	char *environment[] = {container, hostname, NULL};

	snprintf(hostile, sizeof(hostile), HOSTILE "%s", argv[3]);
	snprintf(container, sizeof(container), "container=docker container_id=%s", argv[3]);
	snprintf(hostname, sizeof(hostname), "HOSTNAME=%.12s", argv[3]);
	memset(big, '\x1b', sizeof(big) - 1);
	execve(argv[0], arguments, environment);
	fail("exec");
}

/* Continues in a child with this name; the parent waits for it and ends with its status. */
static void go_on_as(const char *name)
{
	int status = 0;
	pid_t pid;

	prctl(PR_SET_NAME, name);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid > 0) {
		waitpid(pid, &status, 0);
		exit(WEXITSTATUS(status));
	}
	dprintf(STDOUT_FILENO, "%d\n", getpid());
}

int main(int argc, char **argv)
{
	char name[200];

	if (!strcmp(argv[1], "again")) {
		go_on_as("runc:[2:INIT]");
		touch(argv[2], "marker");
		if (argv[4][0])
			move(argv[4], argv[3]);
		touch(argv[2], "marker-moved");
		return 0;
	}
	join_cgroup(argv[1]);
	become_nobody();
	go_on_as("\x1b[31m\n\"\xff\t,");
	touch(argv[2], "marker");
	snprintf(name, sizeof(name), HOSTILE "%s", argv[3]);
	touch(argv[2], name);
	forge_exec(argv);
}
