/* SPDX-License-Identifier: Apache-2.0 */
/* An io_uring, without a library: submits operations, and waits for each. */
#ifndef RING_H
#define RING_H
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

struct ring {
	int fd;
	unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *completions;
};

static inline void open_ring_of(struct ring *ring, unsigned entries)
{
	struct io_uring_params params = {};
	char *map;

	ring->fd = syscall(SYS_io_uring_setup, entries, &params);
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

static inline void open_ring(struct ring *ring)
{
	open_ring_of(ring, 4);
}

/* Adds one operation, to be submitted. */
static inline void add(struct ring *ring, const struct io_uring_sqe *entry)
{
	unsigned tail = *ring->sq_tail, index = tail & *ring->sq_mask;

	ring->entries[index] = *entry;
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

/* Submits one operation, and waits for as many completions. */
static inline void submit(struct ring *ring, const struct io_uring_sqe *entry, unsigned completions)
{
	add(ring, entry);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, completions, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		fail("io_uring_enter");
}

/* Submits one operation and waits for it. */
static inline int run(struct ring *ring, const struct io_uring_sqe *entry)
{
	int result;

	submit(ring, entry, 1);
	result = ring->completions[*ring->cq_head & *ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, *ring->cq_head + 1, __ATOMIC_RELEASE);
	return result;
}

#endif
