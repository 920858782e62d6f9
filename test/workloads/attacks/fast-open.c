// SPDX-License-Identifier: Apache-2.0
// fast-open PROCS PORT: connects to PORT of this machine without connect(2), by a send (TCP Fast Open, T1095): with
// sendto, sendmsg and sendmmsg, and to a port where nobody listens. Prints one line for each, in order: result (0 or a
// negative errno).
#include <netinet/in.h>
#include <sys/socket.h>

#include "join-cgroup.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static void report(long result)
{
	printf("%d\n", result < 0 ? -errno : 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in closed = {
		.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct iovec text = {.iov_base = "hello", .iov_len = 5};
	struct mmsghdr messages[1] = {
		{.msg_hdr = {.msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &text, .msg_iovlen = 1}}};
	int sockets[4];

	for (int i = 0; i < 4; i++)
		sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
	join_cgroup(argv[1]);
	report(sendto(sockets[0], "hello", 5, MSG_FASTOPEN, (void *)&address, sizeof(address)));
	report(sendmsg(sockets[1], &messages[0].msg_hdr, MSG_FASTOPEN));
	report(sendmmsg(sockets[2], messages, 1, MSG_FASTOPEN));
	report(sendto(sockets[3], "hello", 5, MSG_FASTOPEN, (void *)&closed, sizeof(closed)));
	return 0;
}
