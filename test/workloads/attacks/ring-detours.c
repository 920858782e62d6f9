// SPDX-License-Identifier: Apache-2.0
// Opens of a file by io_uring in ways that leave no descriptor, no call and no submitter: into a table of the ring, by
// a thread of the kernel, as a link of a chain, from a descriptor of that table.
#include <netinet/in.h>
#include <sys/socket.h>

#include "../ring.h"
#include "act.h"

#define TEXT(text) (unsigned long)(text)

/* The end of the queue of completions. */
static unsigned *completed;

static void make_ring(struct ring *ring, unsigned flags)
{
	struct io_uring_params params = {.flags = flags, .sq_thread_idle = 100};
	char *map;

	ring->fd = syscall(SYS_io_uring_setup, 4, &params);
	report("io_uring_setup", ring->fd);
	map = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
	ring->sq_tail = (unsigned *)(map + params.sq_off.tail);
	ring->sq_mask = (unsigned *)(map + params.sq_off.ring_mask);
	ring->sq_array = (unsigned *)(map + params.sq_off.array);
	ring->cq_head = (unsigned *)(map + params.cq_off.head);
	ring->cq_mask = (unsigned *)(map + params.cq_off.ring_mask);
	ring->completions = (struct io_uring_cqe *)(map + params.cq_off.cqes);
	completed = (unsigned *)(map + params.cq_off.tail);
}

static void make_table(const struct ring *ring)
{
	int none[4] = {-1, -1, -1, -1};

	report("io_uring_register", syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, none, 4));
}

static struct io_uring_sqe open_of(const char *path, int slot)
{
	return (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = TEXT(path), .file_index = slot};
}

/* into-table PATH: no descriptor comes of it */
static void into_table(char **arguments)
{
	struct io_uring_sqe entry = open_of(arguments[0], 1);
	struct ring ring;

	make_ring(&ring, 0);
	make_table(&ring);
	report("openat", run(&ring, &entry));
}

/* create-in-table PATH: a new file with the set-user-id bit */
static void create_in_table(char **arguments)
{
	struct io_uring_sqe entry = open_of(arguments[0], 1);
	struct ring ring;

	entry.open_flags = O_CREAT | O_WRONLY;
	entry.len = 04755;
	make_ring(&ring, 0);
	make_table(&ring);
	report("openat", run(&ring, &entry));
}

/* by-thread PATH: a thread of the kernel takes the entry, and no call submits it */
static void by_thread(char **arguments)
{
	struct io_uring_sqe entry = open_of(arguments[0], 1);
	struct ring ring;

	make_ring(&ring, IORING_SETUP_SQPOLL);
	make_table(&ring);
	add(&ring, &entry);
	for (int i = 0; i < 5000 && !__atomic_load_n(completed, __ATOMIC_ACQUIRE); i++) {
		usleep(2000);
		/* The thread sleeps when it has had nothing to do for a while. */
		syscall(SYS_io_uring_enter, ring.fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
	}
	report("openat", *completed ? ring.completions[0].res : -1);
}

/* in-chain PATH: behind an entry that waits */
static void in_chain(char **arguments)
{
	struct io_uring_sqe first = {.opcode = IORING_OP_NOP, .flags = IOSQE_IO_LINK}, entry = open_of(arguments[0], 0);
	struct ring ring;

	make_ring(&ring, 0);
	entry.flags = IOSQE_ASYNC;
	add(&ring, &first);
	add(&ring, &entry);
	report("io_uring_enter", syscall(SYS_io_uring_enter, ring.fd, 2, 2, IORING_ENTER_GETEVENTS, NULL, 0));
	report("openat", ring.completions[1].res);
}

/* connect-in-table PORT: the socket never was a descriptor */
static void connect_in_table(char **arguments)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(atoi(arguments[0])),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct io_uring_sqe make = {.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM, .file_index = 1};
	struct io_uring_sqe entry = {.opcode = IORING_OP_CONNECT,
				     .fd = 0,
				     .flags = IOSQE_FIXED_FILE,
				     .addr = TEXT(&address),
				     .off = sizeof(address)};
	struct ring ring;

	make_ring(&ring, 0);
	make_table(&ring);
	report("socket", run(&ring, &make));
	report("connect", run(&ring, &entry));
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"into-table", into_table}, {"create-in-table", create_in_table},   {"by-thread", by_thread},
		{"in-chain", in_chain},	    {"connect-in-table", connect_in_table},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
