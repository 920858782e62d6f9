// SPDX-License-Identifier: Apache-2.0
// Ways to run a program: from memory, without a name, under the name of another, below an ancestor with a trusted name.
#include <sys/mman.h>

#include "act.h"

static int copy_of_self(int to)
{
	static char buffer[1 << 16];
	int from = open("/proc/self/exe", O_RDONLY);
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, length) != length)
			perror("write");
	close(from);
	return to;
}

static char *const no_environment[] = {NULL};

static void from_memory(char **arguments)
{
	char *const argv[] = {"kworker", "nothing", NULL};
	int file = copy_of_self(memfd_create("x", MFD_CLOEXEC));

	(void)arguments;
	fexecve(file, argv, no_environment);
	report("execveat", -1);
}

/* deleted PATH: the file is gone before it runs */
static void deleted(char **arguments)
{
	char *const argv[] = {arguments[0], "nothing", NULL};
	int file = copy_of_self(open(arguments[0], O_RDWR | O_CREAT, 0755)), again;

	close(file);
	again = open(arguments[0], O_RDONLY | O_CLOEXEC);
	unlink(arguments[0]);
	syscall(SYS_execveat, again, "", argv, no_environment, AT_EMPTY_PATH);
	report("execveat", -1);
}

/* as PATH ARGUMENT...: a copy of this program at PATH runs the act that the arguments name */
static void as_other(char **arguments)
{
	int file = copy_of_self(open(arguments[0], O_RDWR | O_CREAT, 0755));
	pid_t pid;

	close(file);
	pid = fork();
	if (pid == 0) {
		execv(arguments[0], arguments);
		_exit(99);
	}
	waitpid(pid, NULL, 0);
	unlink(arguments[0]);
}

/* named NAME PROGRAM ARGUMENT...: argv[0] is a lie */
static void named(char **arguments)
{
	char *program = arguments[1];

	arguments[1] = arguments[0];
	execv(program, arguments + 1);
	report("execve", -1);
}

/* below PROGRAM ARGUMENT...: the caller waits, and is an ancestor */
static void below(char **arguments)
{
	pid_t pid = fork();

	if (pid == 0) {
		execv(arguments[0], arguments);
		_exit(99);
	}
	waitpid(pid, NULL, 0);
}

static void refused(char **arguments)
{
	execv(arguments[0], arguments);
	report("execve", -1);
}

static void nothing(char **arguments)
{
	(void)arguments;
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"from-memory", from_memory},
		{"deleted", deleted},
		{"as", as_other},
		{"named", named},
		{"below", below},
		{"refused", refused},
		{"nothing", nothing},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
