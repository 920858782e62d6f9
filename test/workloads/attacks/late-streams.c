// SPDX-License-Identifier: Apache-2.0
// late-streams PROCS PORT FILE: a program that runs already ties itself to the network (T1059): it closes its stdin, so
// that the socket that it connects to PORT of loopback becomes stdin, and copies that onto stdout. Then it opens FILE,
// makes two pipes, and runs a child that opens FILE, too. Prints nothing.
#include <netinet/in.h>
#include <sys/socket.h>

#include "../join-cgroup.h"

int main(int argc, char **argv)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int ends[2];
	pid_t pid;

	join_cgroup(argv[1]);
	open(argv[3], O_RDONLY);
	close(STDIN_FILENO);
	if (socket(AF_INET, SOCK_STREAM, 0) != STDIN_FILENO ||
	    connect(STDIN_FILENO, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	if (dup2(STDIN_FILENO, STDOUT_FILENO) < 0)
		fail("dup2");
	open(argv[3], O_RDONLY);
	if (pipe(ends) || pipe2(ends, O_CLOEXEC))
		fail("pipe");
	pid = fork();
	if (pid == 0) {
		open(argv[3], O_RDONLY);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}
