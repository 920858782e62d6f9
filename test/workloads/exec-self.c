// SPDX-License-Identifier: Apache-2.0
// exec-self PROCS HOW ARG...: executes a program as HOW says:
//   path PROGRAM ARG...   execv of PROGRAM, with ARG... as the whole argv
//   memfd PROGRAM ARG...  a memfd copy of PROGRAM, by execveat
//   long BYTES PROGRAM    one argument of BYTES times 'x'
//   asked                 itself, for each line of stdin, a number of bytes: with one argument of so many. It
//                         writes a line before it reads one
// Exits with the errno of an exec that fails.
#include <sys/mman.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

extern char **environ;

static void exec_memfd(const char *program, char **argv)
{
	int memory = memfd_create("payload", 0), file = open(program, O_RDONLY);
	char buffer[65536];
	ssize_t length;

	if (memory < 0 || file < 0)
		fail("memfd");
	while ((length = read(file, buffer, sizeof(buffer))) > 0)
		if (write(memory, buffer, length) != length)
			fail("write");
	close(file);
	syscall(SYS_execveat, memory, "", argv, environ, 0x1000 /* AT_EMPTY_PATH */);
}

static void exec_long(size_t bytes, const char *program)
{
	char *argument = malloc(bytes + 1);
	char *argv[] = {"long", argument, NULL};

	memset(argument, 'x', bytes);
	argument[bytes] = 0;
	execv(program, argv);
}

/* Until the end of stdin; a minute at most. */
static void exec_asked(const char *program)
{
	char line[16] = "";
	size_t bytes;

	alarm(60);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6 || read(STDIN_FILENO, line, sizeof(line) - 1) <= 0)
		exit(0);
	bytes = atol(line);
	if (bytes > 65536)
		fail("bytes");
	{
		char argument[bytes + 1];

		memset(argument, 'x', bytes);
		argument[bytes] = 0;
		execl(program, program, "-", "asked", argument, (char *)NULL);
	}
}

int main(int argc, char **argv)
{
	join_cgroup(argv[1]);
	if (!strcmp(argv[2], "path"))
		execv(argv[3], argv + 4);
	else if (!strcmp(argv[2], "memfd"))
		exec_memfd(argv[3], argv + 4);
	else if (!strcmp(argv[2], "asked"))
		exec_asked(argv[0]);
	else if (!strcmp(argv[2], "long"))
		exec_long(atol(argv[3]), argv[4]);
	return errno;
}
