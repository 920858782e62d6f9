// SPDX-License-Identifier: Apache-2.0
// flood-connections PROCS PROCESSES CONNECTIONS: fills the ring of security events with connections to itself that end
// at once, so that what another program does finds no room there (impair defenses: T1562). PROCESSES children make
// CONNECTIONS each, over the loopback.
#include <netinet/in.h>
#include <sys/socket.h>

#include "flood.h"

static void flood(long connections)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger reset = {.l_onoff = 1};
	socklen_t length = sizeof(own);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (struct sockaddr *)&own, sizeof(own)) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&own, &length))
		fail("listen");
	for (long i = 0; i < connections; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0), server;

		if (connect(client, (struct sockaddr *)&own, sizeof(own)))
			fail("connect");
		server = accept(listener, NULL, NULL);
		/* Ends with a reset: no port waits. */
		setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(client);
		close(server);
	}
}

int main(int argc, char **argv)
{
	return argc < 4 ? 98 : run_flood(argv, flood);
}
