// SPDX-License-Identifier: Apache-2.0
// sockets PROCS: every socket call, with and without success, over loopback addresses. Prints one line for each call
// that has an event, in order: name of the call, result. Calls without an event have no line: of a flow of 31
// datagrams only the first has one on each side, and none of the 7 sends and 7 receives of a connection. The system
// chooses the ports, which are printed as "port NAME NUMBER".
#include <arpa/inet.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "join-cgroup.h"

#define DATAGRAMS 31
#define SENDS	  7
#define SENT	  1237

static long report(const char *call, long result)
{
	printf("%s %ld\n", call, result < 0 ? (long)-errno : result);
	fflush(stdout);
	return result;
}

static struct sockaddr_in v4(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int port_of(int fd, const char *name)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length))
		fail("getsockname");
	printf("port %s %d\n", name, ntohs(address.sin6_port));
	return ntohs(address.sin6_port);
}

/* A connection whose client sends SENT bytes in each of SENDS calls and receives 41. */
static void stream(void)
{
	struct sockaddr_in address = v4(0);
	static char bytes[SENT];
	int client, server, listener = report("socket", syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	int port;

	report("bind", bind(listener, (struct sockaddr *)&address, sizeof(address)));
	port = port_of(listener, "listener");
	report("listen", listen(listener, 11));
	address = v4(port);
	client = report("socket", socket(AF_INET, SOCK_STREAM, 0));
	report("bind", bind(client, (struct sockaddr *)&address, sizeof(address))); // in use
	report("connect", connect(client, (struct sockaddr *)&address, sizeof(address)));
	port_of(client, "client");
	server = report("accept4", accept4(listener, NULL, NULL, SOCK_NONBLOCK));
	for (int i = 0; i < SENDS; i++) {
		if (send(client, bytes, SENT, 0) != SENT)
			fail("send");
		for (int left = SENT; left > 0;) {
			int got = recv(server, bytes, left, 0);

			if (got < 0)
				fail("recv");
			left -= got;
		}
	}
	if (write(server, bytes, 41) != 41 || read(client, bytes, 41) != 41)
		fail("write");
	report("shutdown", shutdown(client, SHUT_WR));
	if (read(server, bytes, 1) != 0)
		fail("read");
	close(server);
	if (read(client, bytes, 1) != 0)
		fail("read");
	close(client);
	close(listener);
}

static void refused(void)
{
	struct sockaddr_in address = v4(1);
	struct sockaddr_in6 address6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(1), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct pollfd waiting;
	int fd = report("socket", socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));

	report("connect", connect(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	fd = report("socket", socket(AF_INET6, SOCK_STREAM, 0));
	report("connect", connect(fd, (struct sockaddr *)&address6, sizeof(address6)));
	close(fd);
	fd = report("socket", socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	report("connect", connect(fd, (struct sockaddr *)&address, sizeof(address)));
	printf("UNKNOWN %d\n", -ECONNREFUSED);
	waiting = (struct pollfd){.fd = fd, .events = POLLOUT};
	poll(&waiting, 1, -1);
	close(fd);
	report("connect", connect(999, (struct sockaddr *)&address, sizeof(address)));
	report("socket", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	report("listen", listen(999, 3));
	report("accept", syscall(SYS_accept, 999, NULL, NULL));
}

static void datagrams(void)
{
	struct sockaddr_in address = v4(0);
	struct iovec buffer = {"datagram", 8};
	struct msghdr message = {.msg_iov = &buffer, .msg_iovlen = 1};
	char bytes[64];
	int receiver = report("socket", socket(AF_INET, SOCK_DGRAM, 0)), sender;
	socklen_t length = sizeof(address);

	report("bind", bind(receiver, (struct sockaddr *)&address, sizeof(address)));
	address = v4(port_of(receiver, "receiver"));
	sender = report("socket", socket(AF_INET, SOCK_DGRAM, 0));
	for (int i = 0; i < DATAGRAMS; i++) {
		long sent = sendto(sender, "datagram", 8, 0, (struct sockaddr *)&address, sizeof(address));

		if (i == 0)
			report("sendto", sent);
	}
	for (int i = 0; i < DATAGRAMS; i++) {
		struct sockaddr_in from;
		long got = recvfrom(receiver, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &length);

		if (i == 0)
			report("recvfrom", got);
	}
	port_of(sender, "sender");
	address = v4(9);
	message.msg_name = &address;
	message.msg_namelen = sizeof(address);
	report("sendmsg", sendmsg(sender, &message, MSG_DONTWAIT)); // another flow, to a port without a receiver
	close(sender);
	close(receiver);
}

static void unix_sockets(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0eunomia-sockets"};
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 16;
	struct sockaddr_un absent = {.sun_family = AF_UNIX, .sun_path = "/no/such/socket"};
	int listener = report("socket", socket(AF_UNIX, SOCK_STREAM, 0)), client, pair[2];

	report("bind", bind(listener, (struct sockaddr *)&name, length));
	report("listen", listen(listener, 1));
	client = report("socket", socket(AF_UNIX, SOCK_STREAM, 0));
	report("connect", connect(client, (struct sockaddr *)&absent, sizeof(absent)));
	report("connect", connect(client, (struct sockaddr *)&name, length));
	report("accept", syscall(SYS_accept, listener, NULL, NULL));
	report("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
}

int main(int argc, char **argv)
{
	join_cgroup(argv[1]);
	stream();
	refused();
	datagrams();
	unix_sockets();
	return 0;
}
