// SPDX-License-Identifier: Apache-2.0
// Masquerading (T1036): a process that takes the name of a program which rules exempt, opens a file, and ends.
// false-identity FOLDER HOW NAME FILE r|w TAG: HOW is
//   rename      the process names itself NAME (PR_SET_NAME)
//   argument    it runs with NAME as its first argument
//   copy        it runs as a copy of its file that is called NAME
//   hardlink    it runs through a hard link NAME
//   memory      it runs from a memory file that is called like the copy that runc makes of itself, and names itself
//   NAME ancestor    a copy called NAME starts cat, which opens the file below-two   as ancestor, below a second copy
//   that is called containerd-shim descriptor  it runs as a copy called NAME that is deleted before, through
//   /proc/self/fd
// FOLDER is where files are made; they are removed. The file is opened and closed, nothing is written.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "copy-self.h"

extern char **environ;

static void run(const char *file, const char *first, char **rest)
{
	char *args[] = {(char *)first, "deed", rest[0], rest[1], rest[2], NULL};

	execv(file, args);
	fail(file);
}

/* Runs `file` in a child and removes it. */
static int run_apart(const char *file, const char *first, char **rest)
{
	int status;
	pid_t child = fork();

	if (!child)
		run(file, first, rest);
	waitpid(child, &status, 0);
	unlink(file);
	return WEXITSTATUS(status);
}

static void from_memory(const char *name, char **rest)
{
	char *args[] = {"runc", "named", (char *)name, rest[0], rest[1], rest[2], NULL};

	syscall(SYS_execveat, copy_self(memfd_create("runc_cloned:/proc/self/exe", 0)), "", args, environ,
		0x1000 /* AT_EMPTY_PATH */);
	fail("execveat");
}

static int below(const char *path, const char *mode, char **rest)
{
	char *args[] = {(char *)path, (char *)mode, rest[0], rest[1], rest[2], NULL};
	int status;
	pid_t child = fork();

	if (!child) {
		execv(path, args);
		fail(path);
	}
	waitpid(child, &status, 0);
	unlink(path);
	return 0;
}

static void write_copy(char *path, size_t size, const char *folder, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
	close(copy_self(open(path, O_CREAT | O_EXCL | O_WRONLY, 0755)));
}

static int deed(char **rest)
{
	int fd = open(rest[0], *rest[1] == 'w' ? O_WRONLY : O_RDONLY);

	return fd < 0 ? errno : close(fd);
}

/* The child of a falsely named parent: a program of the system does it. */
static int parent(char **rest)
{
	pid_t child = fork();

	if (!child) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execlp("cat", "cat", "--", rest[0], rest[2], NULL);
		_exit(99);
	}
	waitpid(child, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc == 5 && !strcmp(argv[1], "deed"))
		return deed(argv + 2);
	if (argc == 5 && !strcmp(argv[1], "parent"))
		return parent(argv + 2);
	if (argc == 6 && !strcmp(argv[1], "named")) {
		prctl(PR_SET_NAME, argv[2]);
		return deed(argv + 3);
	}
	if (argc != 7)
		return 98;
	const char *folder = argv[1], *how = argv[2], *name = argv[3];

	if (!strcmp(how, "rename")) {
		prctl(PR_SET_NAME, name);
		return deed(argv + 4);
	}
	if (!strcmp(how, "argument"))
		run("/proc/self/exe", name, argv + 4);
	if (!strcmp(how, "memory"))
		from_memory(name, argv + 4);
	if (!strcmp(how, "hardlink")) {
		char self[4096] = {};

		snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 || link(self, path))
			fail(path);
		return run_apart(path, path, argv + 4);
	}
	if (!strcmp(how, "below-two")) {
		char shim[4096];
		int status;
		pid_t child;

		write_copy(shim, sizeof(shim), folder, "containerd-shim");
		child = fork();
		if (!child) {
			execl(shim, shim, folder, "ancestor", name, argv[4], argv[5], argv[6], NULL);
			fail(shim);
		}
		waitpid(child, &status, 0);
		unlink(shim);
		return WEXITSTATUS(status);
	}
	write_copy(path, sizeof(path), folder, name);
	if (!strcmp(how, "copy"))
		return run_apart(path, path, argv + 4);
	if (!strcmp(how, "ancestor"))
		return below(path, "parent", argv + 4);
	if (!strcmp(how, "descriptor")) {
		int fd = open(path, O_RDONLY);

		unlink(path);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		run(path, name, argv + 4);
	}
	return 97;
}
