// SPDX-License-Identifier: Apache-2.0
// io-uring PROCS FOLDER PORT: opens, creates, moves and removes files below FOLDER and opens connections through
// io_uring. Prints one line for each operation that has an event, in order: number of the operation, result. Between
// them it submits nops, which have no event.
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

struct ring {
	int fd;
	unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *completions;
};

static void open_ring(struct ring *ring)
{
	struct io_uring_params params = {};
	char *map;

	ring->fd = syscall(SYS_io_uring_setup, 4, &params);
	if (ring->fd < 0)
		fail("io_uring_setup");
	map = mmap(NULL,
		   params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe) + params.sq_off.array +
			   params.sq_entries * sizeof(unsigned),
		   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
	if (map == MAP_FAILED || ring->entries == MAP_FAILED)
		fail("mmap");
	ring->sq_tail = (unsigned *)(map + params.sq_off.tail);
	ring->sq_mask = (unsigned *)(map + params.sq_off.ring_mask);
	ring->sq_array = (unsigned *)(map + params.sq_off.array);
	ring->cq_head = (unsigned *)(map + params.cq_off.head);
	ring->cq_mask = (unsigned *)(map + params.cq_off.ring_mask);
	ring->completions = (struct io_uring_cqe *)(map + params.cq_off.cqes);
}

/* Submits one operation and waits for it. */
static int run(struct ring *ring, const struct io_uring_sqe *entry)
{
	unsigned tail = *ring->sq_tail, index = tail & *ring->sq_mask;
	int result;

	ring->entries[index] = *entry;
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		fail("io_uring_enter");
	result = ring->completions[*ring->cq_head & *ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, *ring->cq_head + 1, __ATOMIC_RELEASE);
	return result;
}

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
