// SPDX-License-Identifier: Apache-2.0
// io-uring PROCS FOLDER PORT: opens, creates, moves and removes files below FOLDER and opens connections through
// io_uring. Prints one line for each operation that has an event, in order: number of the operation, result. Between
// them it submits nops, which have no event.
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "ring.h"

static void report(struct ring *ring, struct io_uring_sqe entry)
{
	const struct io_uring_sqe nop = {.opcode = IORING_OP_NOP};

	printf("%d %d\n", entry.opcode, run(ring, &entry));
	run(ring, &nop);
}

int main(int argc, char **argv)
{
	struct open_how how = {.flags = O_RDONLY};
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(atoi(argv[3])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int sock = socket(AF_INET, SOCK_STREAM, 0);
	struct ring ring;

	if (chdir(argv[2]) || sock < 0)
		fail(argv[2]);
	join_cgroup(argv[1]);
	open_ring(&ring);
#define TEXT(text) (unsigned long)(text)
	report(&ring, (struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
					    .fd = AT_FDCWD,
					    .addr = TEXT("made"),
					    .open_flags = O_CREAT | O_WRONLY,
					    .len = 0600});
	report(&ring, (struct io_uring_sqe){.opcode = IORING_OP_OPENAT2,
					    .fd = AT_FDCWD,
					    .addr = TEXT("/etc/passwd"),
					    .addr2 = TEXT(&how),
					    .len = sizeof(how)});
	report(&ring,
	       (struct io_uring_sqe){
		       .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = TEXT("absent"), .open_flags = O_RDONLY});
	report(&ring, (struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT,
					    .fd = AT_FDCWD,
					    .addr = TEXT("made"),
					    .addr2 = TEXT("moved"),
					    .len = AT_FDCWD});
	report(&ring, (struct io_uring_sqe){.opcode = IORING_OP_LINKAT,
					    .fd = AT_FDCWD,
					    .addr = TEXT("moved"),
					    .addr2 = TEXT("linked"),
					    .len = AT_FDCWD});
	report(&ring, (struct io_uring_sqe){.opcode = IORING_OP_SYMLINKAT,
					    .fd = AT_FDCWD,
					    .addr = TEXT("/etc/shadow"),
					    .addr2 = TEXT("symlink")});
	report(&ring,
	       (struct io_uring_sqe){.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = TEXT("folder"), .len = 0700});
	report(&ring, (struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = TEXT("linked")});
	report(&ring, (struct io_uring_sqe){
			      .opcode = IORING_OP_CONNECT, .fd = sock, .addr = TEXT(&address), .off = sizeof(address)});
	return 0;
}
