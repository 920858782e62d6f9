// SPDX-License-Identifier: Apache-2.0
// Connections and sockets, to the loopback device or to addresses for documentation only, and a shell at their end.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "act.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static struct sockaddr_in address_of(char **arguments)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};

	inet_pton(AF_INET, arguments[0], &address.sin_addr);
	return address;
}

/* A listener on 127.0.0.1, whose address is returned, and a connection to it. */
static int connected(int *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (void *)&address, sizeof(address)) || listen(listener, 1) ||
	    getsockname(listener, (void *)&address, &length) || connect(client, (void *)&address, length))
		perror("connect");
	*server = accept(listener, NULL, NULL);
	return client;
}

/* A listener there, if the address is one of this host. */
static void serve(const struct sockaddr_in *address)
{
	int server = socket(AF_INET, SOCK_STREAM, 0), queue = 5;

	if (bind(server, (void *)address, sizeof(*address)) == 0 && listen(server, 1) == 0)
		setsockopt(server, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
}

/* connect ADDRESS PORT: does not wait for an answer */
static void connect_to(char **arguments)
{
	struct sockaddr_in address = address_of(arguments);

	serve(&address);
	report("connect", connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), (void *)&address, sizeof(address)));
}

/* fastopen ADDRESS PORT: the connect is in the sendto */
static void fast_open(char **arguments)
{
	struct sockaddr_in address = address_of(arguments);

	serve(&address);
	report("sendto", sendto(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "x", 1, MSG_FASTOPEN, (void *)&address,
				sizeof(address)));
}

/* datagram ADDRESS PORT */
static void datagram(char **arguments)
{
	struct sockaddr_in address = address_of(arguments);

	report("sendto", sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (void *)&address, sizeof(address)));
}

static void raw(char **arguments)
{
	(void)arguments;
	report("socket", socket(AF_PACKET, SOCK_RAW, 0));
}

/* local PATH: a server there, and a connection to it */
static void local(char **arguments)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, arguments[0], sizeof(address.sun_path) - 1);
	report("bind", bind(server, (void *)&address, sizeof(address)));
	report("listen", listen(server, 1));
	report("connect", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(address)));
}

static void listen_on(char **arguments)
{
	struct sockaddr_in address = address_of(arguments);
	int server = socket(AF_INET, SOCK_STREAM, 0);

	report("bind", bind(server, (void *)&address, sizeof(address)));
	report("listen", listen(server, 1));
}

static void run_shell(char *shell)
{
	char *const argv[] = {shell, "-c", "true", NULL};
	pid_t pid = fork();

	if (pid == 0) {
		execv(shell, argv);
		_exit(99);
	}
	waitpid(pid, NULL, 0);
}

/* shell-on-socket SHELL */
static void shell_on_socket(char **arguments)
{
	int server, client = connected(&server), number;

	for (number = 0; number < 3; number++)
		report("dup2", dup2(client, number));
	run_shell(arguments[0]);
}

/* shell-over-pipes SHELL: a process with a connection holds the other ends of the pipes of a shell */
static void shell_over_pipes(char **arguments)
{
	int server, client = connected(&server), input[2], output[2];

	if (pipe(input) || pipe(output))
		perror("pipe");
	if (fork() == 0) {
		dup2(input[0], 0);
		dup2(output[1], 1);
		close(client);
		close(server);
		close(input[1]);
		close(output[0]);
		execl(arguments[0], arguments[0], NULL);
		_exit(99);
	}
	report("write", write(input[1], "exit\n", 5));
	report("write", write(client, "\n", 1));
	wait(NULL);
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"connect", connect_to},
		{"fast-open", fast_open},
		{"datagram", datagram},
		{"raw", raw},
		{"local", local},
		{"listen", listen_on},
		{"shell-on-socket", shell_on_socket},
		{"shell-over-pipes", shell_over_pipes},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
