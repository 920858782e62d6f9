// SPDX-License-Identifier: Apache-2.0
// pass-descriptor PROCS: hands two open descriptors to another process, through a stream of a unix socket, three times:
// a read of a file that its opener may do, and its user may not. Then one message without descriptors.
#include <sys/socket.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec text = {.iov_base = "x", .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int pair[2], fds[2] = {0, 1};

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		fail("socketpair");
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	join_cgroup(argv[1]);
	for (int i = 0; i < 3; i++)
		if (sendmsg(pair[0], &message, 0) != 1)
			fail("sendmsg");
	message.msg_control = NULL;
	message.msg_controllen = 0;
	if (sendmsg(pair[1], &message, 0) != 1)
		fail("sendmsg");
	return 0;
}
