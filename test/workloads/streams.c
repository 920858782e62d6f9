// SPDX-License-Identifier: Apache-2.0
// streams PROCS HOW [PATH]: starts /bin/true with standard streams that HOW selects:
//   tcp     all three are one connection over loopback, duplicated two processes before the exec
//   unix    stdin is a socket connected to a listener at PATH, stdout is the end of the listener
//   files   stdin is the file PATH, stdout a pipe, stderr is closed
//   memfd   stdin is a memory file "notes", stdout a named pipe at PATH, stderr is stdout
// Prints the endpoints of the connection and the inode of the pipe.
#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "join-cgroup.h"

static void run(int generations)
{
	pid_t child = fork();

	if (child == 0) {
		if (generations > 1) {
			run(generations - 1);
			_exit(0);
		}
		execl("/bin/true", "true", (char *)NULL);
		_exit(99);
	}
	waitpid(child, NULL, 0);
}

static void set(int stdin_file, int stdout_file, int stderr_file)
{
	int files[] = {stdin_file, stdout_file, stderr_file};

	fflush(stdout);
	for (int number = 0; number < 3; number++)
		if (files[number] < 0)
			close(number);
		else if (dup2(files[number], number) < 0)
			fail("dup2");
}

static int port_of(int socket, int (*of)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	of(socket, (struct sockaddr *)&address, &length);
	return ntohs(address.sin_port);
}

static void tcp(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		fail("listen");
	address.sin_port = htons(port_of(listener, getsockname));
	if (connect(client, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	printf("127.0.0.1:%d->127.0.0.1:%d\n", port_of(client, getsockname), port_of(client, getpeername));
	set(client, client, client);
	run(2);
}

static void unix_sockets(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		fail("listen");
	if (connect(client, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	set(client, accept(listener, NULL, NULL), 2);
	run(1);
}

static void files(const char *path)
{
	int ends[2];
	struct stat facts;

	if (pipe(ends) || fstat(ends[1], &facts))
		fail("pipe");
	printf("%lu\n", (unsigned long)facts.st_ino);
	set(open(path, O_RDONLY), ends[1], -1);
	run(1);
}

static void memory(const char *path)
{
	int named;

	if (mkfifo(path, 0600))
		fail("mkfifo");
	named = open(path, O_RDWR);
	set(memfd_create("notes", 0), named, named);
	run(1);
}

int main(int argc, char **argv)
{
	join_cgroup(argv[1]);
	if (!strcmp(argv[2], "tcp"))
		tcp();
	else if (!strcmp(argv[2], "unix"))
		unix_sockets(argv[3]);
	else if (!strcmp(argv[2], "files"))
		files(argv[3]);
	else
		memory(argv[3]);
	return 0;
}
