// SPDX-License-Identifier: Apache-2.0
// tcp-traffic PROCS COUNT RESETS REFUSED: COUNT connections to itself over the loopback address, one after another:
// the client sends SENT bytes, the server ANSWER. The client resets the first RESETS connections after all bytes are
// acknowledged. Of the others, the server closes every second one first. Then REFUSED connects, each to another
// loopback address without a listener. Prints "port NUMBER" of the server.
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "join-cgroup.h"

#define SENT   1237
#define ANSWER 41

static char bytes[SENT];

static void move(int from, int to, int length)
{
	if (write(from, bytes, length) != length)
		fail("write");
	for (int got; length > 0; length -= got)
		if ((got = read(to, bytes, length)) <= 0)
			fail("read");
}

static void wait_for_acknowledgement(int fd)
{
	int left = 1;

	while (left > 0)
		if (ioctl(fd, SIOCOUTQ, &left))
			fail("SIOCOUTQ");
}

static void reset(int client, int server)
{
	struct linger at_once = {.l_onoff = 1};
	char byte;

	wait_for_acknowledgement(client);
	wait_for_acknowledgement(server);
	if (setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		fail("SO_LINGER");
	close(client);
	if (read(server, &byte, 1) != -1 || errno != ECONNRESET)
		fail("no reset");
	close(server);
}

static void close_both(int first, int second)
{
	char byte;

	close(first);
	if (read(second, &byte, 1))
		fail("read");
	close(second);
}

static void connect_in_vain(int number)
{
	struct sockaddr_in unused = {.sin_family = AF_INET, .sin_port = htons(1)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	unused.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + number);
	if (!connect(fd, (struct sockaddr *)&unused, sizeof(unused)) || errno != ECONNREFUSED)
		fail("connect without a listener");
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), count = atoi(argv[2]), resets = atoi(argv[3]);

	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1))
		fail("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	printf("port %d\n", ntohs(address.sin_port));
	join_cgroup(argv[1]);
	for (int i = 0; i < count; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0), server;

		if (connect(client, (struct sockaddr *)&address, length))
			fail("connect");
		server = accept(listener, NULL, NULL);
		move(client, server, SENT);
		move(server, client, ANSWER);
		if (i < resets)
			reset(client, server);
		else if (i % 2)
			close_both(server, client);
		else
			close_both(client, server);
	}
	for (int i = 0; i < atoi(argv[4]); i++)
		connect_in_vain(i);
	return 0;
}
