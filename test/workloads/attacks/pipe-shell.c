// SPDX-License-Identifier: Apache-2.0
// pipe-shell PROCS PORT: shells without a socket in their hands, whose input and output are pipes that lead to PORT of
// this machine (T1059.004). First, to compare, a shell whose pipes lead nowhere; then nc | sh | nc, as processes that
// connect; then a program that hands its connection on to a shell that it started. Each shell is told to run env.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "join-cgroup.h"

static const char commands[] = "/usr/bin/env\nexit 0\n";

static int call(const char *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (sock < 0 || connect(sock, (void *)&address, sizeof(address)))
		fail("connect");
	return sock;
}

/* Starts a program with these descriptors as its input and output. */
static pid_t start(int input, int output, const char *program, const char *first, const char *second)
{
	pid_t child = fork();

	if (child)
		return child;
	dup2(input, 0);
	dup2(output, 1);
	execl(program, program, first, second, NULL);
	_exit(99);
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		fail("pipe2");
}

/* The shell below this program, which writes its commands. */
static void below(void)
{
	int input[2], output[2];
	pid_t shell;

	make_pipe(input);
	make_pipe(output);
	shell = start(input[0], output[1], "/bin/sh", NULL, NULL);
	if (write(input[1], commands, sizeof(commands) - 1) < 0)
		fail("write");
	waitpid(shell, NULL, 0);
	close(input[0]), close(input[1]), close(output[0]), close(output[1]);
}

/* One of the two netcats: connects, says so or commands on its output, and waits for the end of its input. */
static int relay(const char *port, const char *output)
{
	char bytes[64];

	call(port);
	if (write(1, output, strlen(output)) < 0)
		return 1;
	close(1);
	while (read(0, bytes, sizeof(bytes)) > 0)
		;
	return 0;
}

static void between(const char *self, const char *port)
{
	int input[2], output[2], ready[2], nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t reader, shell, writer;
	char byte;

	make_pipe(input);
	make_pipe(output);
	make_pipe(ready);
	reader = start(output[0], ready[1], self, port, "!");
	shell = start(input[0], output[1], "/bin/sh", NULL, NULL);
	if (read(ready[0], &byte, 1) != 1)
		fail("read");
	writer = start(nowhere, input[1], self, port, commands);
	close(input[0]), close(input[1]), close(output[0]), close(output[1]);
	waitpid(writer, NULL, 0);
	waitpid(shell, NULL, 0);
	waitpid(reader, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argv[1][0] != '/')
		return relay(argv[1], argv[2]);
	join_cgroup(argv[1]);
	below();
	between(argv[0], argv[2]);
	call(argv[2]);
	below();
	return 0;
}
