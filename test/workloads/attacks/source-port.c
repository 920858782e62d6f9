// SPDX-License-Identifier: Apache-2.0
// source-port PROCS SOURCE PORT: connects to 127.0.0.1:PORT from the port SOURCE of its own choice, which may be one
// that a filter leaves out. Then sends a datagram from SOURCE to PORT.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../join-cgroup.h"

static struct sockaddr_in loopback(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int bound(int type, const char *port)
{
	struct sockaddr_in source = loopback(port);
	struct linger at_once = {.l_onoff = 1}; /* by a reset: the pair of ports is free again */
	int fd = socket(AF_INET, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	if (fd < 0 || bind(fd, (struct sockaddr *)&source, sizeof(source)))
		fail("bind");
	return fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_in target;
	int fd;

	if (argc != 4)
		return 98;
	join_cgroup(argv[1]);
	target = loopback(argv[3]);
	fd = bound(SOCK_STREAM, argv[2]);
	if (connect(fd, (struct sockaddr *)&target, sizeof(target)))
		fail("connect");
	close(fd);
	fd = bound(SOCK_DGRAM, argv[2]);
	if (sendto(fd, "x", 1, 0, (struct sockaddr *)&target, sizeof(target)) != 1)
		fail("sendto");
	close(fd);
	return 0;
}
