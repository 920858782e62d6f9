// SPDX-License-Identifier: Apache-2.0
// ring-sends PROCS UDP-PORT TCP-PORT: sends data away, connects, and hands a descriptor over through io_uring, which no
// filter of system calls sees (T1048, T1106): on loopback. Hides two datagrams from those who wait for completions: one
// whose completion is skipped, one whose completion overflows its queue. Prints one line for each, in order: the system
// call that does the same, and its result.
#include <netinet/in.h>
#include <sys/socket.h>

#include "ring.h"

/* Of a ring of 4 entries. */
#define COMPLETIONS 8
#define TEXT(text)  (unsigned long)(text)

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void report(struct ring *ring, const char *call, struct io_uring_sqe entry)
{
	printf("%s %d\n", call, run(ring, &entry));
}

static struct io_uring_sqe send_to(const struct sockaddr_in *to)
{
	return (struct io_uring_sqe){.opcode = IORING_OP_SEND,
				     .fd = socket(AF_INET, SOCK_DGRAM, 0),
				     .addr = TEXT("secret"),
				     .len = 6,
				     .addr2 = TEXT(to),
				     .addr_len = sizeof(*to)};
}

static void datagrams(struct ring *ring, const struct sockaddr_in *to)
{
	struct iovec text = {.iov_base = "stolen", .iov_len = 6};
	struct msghdr message = {.msg_name = (void *)to, .msg_namelen = sizeof(*to), .msg_iov = &text, .msg_iovlen = 1};
	struct sockaddr_in own = {.sin_family = AF_INET};
	socklen_t length = sizeof(own);
	int receiver = socket(AF_INET, SOCK_DGRAM, 0);
	char buffer[16];

	report(ring, "sendmsg",
	       (struct io_uring_sqe){
		       .opcode = IORING_OP_SENDMSG, .fd = socket(AF_INET, SOCK_DGRAM, 0), .addr = TEXT(&message)});
	report(ring, "sendto", send_to(to));
	bind(receiver, (struct sockaddr *)&own, sizeof(own));
	getsockname(receiver, (struct sockaddr *)&own, &length);
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	report(ring, "sendto", send_to(&own));
	report(ring, "recvfrom",
	       (struct io_uring_sqe){
		       .opcode = IORING_OP_RECV, .fd = receiver, .addr = TEXT(buffer), .len = sizeof(buffer)});
}

static void hand_over(struct ring *ring)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec text = {.iov_base = "d", .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		fail("socketpair");
	memcpy(CMSG_DATA(&control.header), &pair[1], sizeof(int));
	report(ring, "sendmsg",
	       (struct io_uring_sqe){.opcode = IORING_OP_SENDMSG, .fd = pair[0], .addr = TEXT(&message)});
}

/* The queue of completions, of which nobody takes any, is full for the last one. */
static void hidden(struct ring *ring, const struct sockaddr_in *to)
{
	const struct io_uring_sqe nop = {.opcode = IORING_OP_NOP};
	struct io_uring_sqe secret = send_to(to);

	secret.flags = IOSQE_CQE_SKIP_SUCCESS;
	submit(ring, &secret, 0);
	run(ring, &nop);
	printf("sendto 6\n");
	for (int i = 0; i < COMPLETIONS; i++)
		submit(ring, &nop, 0);
	secret = send_to(to);
	secret.user_data = 77;
	submit(ring, &secret, 0);
	printf("sendto 6\n");
}

int main(int argc, char **argv)
{
	struct sockaddr_in datagram = loopback(atoi(argv[2])), stream = loopback(atoi(argv[3]));
	struct iovec text = {.iov_base = "hello", .iov_len = 5};
	struct msghdr message = {.msg_name = &stream, .msg_namelen = sizeof(stream), .msg_iov = &text, .msg_iovlen = 1};
	struct ring ring;

	join_cgroup(argv[1]);
	open_ring(&ring);
	datagrams(&ring, &datagram);
	hand_over(&ring);
	report(&ring, "connect",
	       (struct io_uring_sqe){.opcode = IORING_OP_SENDMSG,
				     .fd = socket(AF_INET, SOCK_STREAM, 0),
				     .addr = TEXT(&message),
				     .msg_flags = MSG_FASTOPEN});
	hidden(&ring, &datagram);
	return 0;
}
