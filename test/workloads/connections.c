// SPDX-License-Identifier: Apache-2.0
// connections PROCS N: opens N connections to itself over the loopback address, all at the same time, then closes them
// one after another, the accepted side first.
#include <arpa/inet.h>
#include <sys/socket.h>

#include "join-cgroup.h"

#define MOST 400

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), count = atoi(argv[2]), clients[MOST], servers[MOST];
	char byte;

	if (count > MOST || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1))
		fail("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	join_cgroup(argv[1]);
	for (int i = 0; i < count; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(clients[i], (struct sockaddr *)&address, length))
			fail("connect");
		servers[i] = accept(listener, NULL, NULL);
	}
	for (int i = 0; i < count; i++) {
		close(servers[i]);
		if (read(clients[i], &byte, 1))
			fail("read");
		close(clients[i]);
	}
	return 0;
}
