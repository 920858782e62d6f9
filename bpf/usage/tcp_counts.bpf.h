/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The table of TCP connections, and what is added to it of one of them. What finds no room is added to the overflow. */
#ifndef EUNOMIA_USAGE_TCP_COUNTS_BPF_H
#define EUNOMIA_USAGE_TCP_COUNTS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "network/tcp_payload.bpf.h"
#include "usage/tables.bpf.h"
#include "usage/tcp_socket.bpf.h"

/* Numbers of `overflow`. */
enum tcp_overflow {
	OVERFLOW_OPENED = 0,
	OVERFLOW_FAILED = 1,
	OVERFLOW_CLOSED = 2,
	OVERFLOW_OPEN = 3,
	OVERFLOW_BYTES_SENT = 4,
	OVERFLOW_BYTES_RECEIVED = 5,
	OVERFLOW_RETRANSMITTED = 6,
	OVERFLOW_SOCKETS = 7, /* connections without room for their state */
};

USAGE_TABLE(connections, struct tcp_key, struct tcp_usage);

#define COUNT(usage, field, number, amount)                                                                            \
	do {                                                                                                           \
		if (usage)                                                                                             \
			__sync_fetch_and_add(&(usage)->field, amount);                                                 \
		else                                                                                                   \
			add_overflow(number, amount);                                                                  \
	} while (0)

/* So often others may come in between; the next one is not followed. */
#define TRIES 16

static __always_inline void raise(__u64 *most, __u64 value)
{
	for (int i = 0; i < TRIES; i++) {
		__u64 known = *(volatile __u64 *)most;

		if (known >= value || __sync_val_compare_and_swap(most, known, value) == known)
			return;
	}
}

/* 0 is none. */
static __always_inline void lower(__u64 *least, __u64 value)
{
	for (int i = 0; i < TRIES; i++) {
		__u64 known = *(volatile __u64 *)least;

		if ((known && known <= value) || __sync_val_compare_and_swap(least, known, value) == known)
			return;
	}
}

/* Null when there is no room. */
static __always_inline struct tcp_usage *usage_of(const struct tcp_socket *socket)
{
	void *connections_of_now = table_of_now(&connections);
	struct tcp_usage fresh = {}, *known;
	struct tcp_key key = socket->key;

	if (!connections_of_now)
		return NULL;
	known = bpf_map_lookup_elem(connections_of_now, &key);
	if (known)
		return known;
	__builtin_memcpy(fresh.comm, socket->comm, sizeof(fresh.comm));
	return made_entry(connections_of_now, &key, &fresh);
}

/* An accepted connection, as soon as it is known whose it is. */
static __always_inline void count_opened(struct tcp_usage *usage, struct tcp_socket *socket)
{
	if (__sync_lock_test_and_set(&socket->is_opened, 0))
		COUNT(usage, opened, OVERFLOW_OPENED, 1);
}

static __always_inline void count_round_trip(struct tcp_usage *usage, struct sock *sk)
{
	__u32 eighths = BPF_CORE_READ((struct tcp_sock *)sk, srtt_us);
	__u64 round_trip_us = eighths < 8 ? 1 : eighths >> 3;

	if (!usage || !eighths)
		return;
	__sync_fetch_and_add(&usage->round_trips, 1);
	__sync_fetch_and_add(&usage->round_trip_us, round_trip_us);
	raise(&usage->max_round_trip_us, round_trip_us);
	lower(&usage->min_round_trip_us, round_trip_us);
}

static __always_inline void count_traffic(struct tcp_usage *usage, __u64 sent, __u64 received, __u64 retransmitted)
{
	COUNT(usage, bytes_sent, OVERFLOW_BYTES_SENT, sent);
	COUNT(usage, bytes_received, OVERFLOW_BYTES_RECEIVED, received);
	COUNT(usage, retransmitted, OVERFLOW_RETRANSMITTED, retransmitted);
}

/* What came since the last reading. */
static __always_inline void count_steps(struct tcp_usage *usage, struct tcp_socket *socket, struct sock *sk, int state)
{
	__u64 sent = *(volatile __u64 *)&socket->sent;
	__u64 received = *(volatile __u64 *)&socket->received;
	__u64 retransmitted = *(volatile __u64 *)&socket->retransmitted;
	__u64 sent_now = payload_sent(sk, state, socket->key.side != TCP_SIDE_CLIENT);
	__u64 received_now = payload_received(sk);
	__u64 retransmitted_now = BPF_CORE_READ((struct tcp_sock *)sk, total_retrans);

	count_traffic(usage, step(&socket->sent, sent, sent_now), step(&socket->received, received, received_now),
		      step(&socket->retransmitted, retransmitted, retransmitted_now));
}

/* What is left at the end. @param state before it */
static __always_inline void count_last(struct tcp_usage *usage, struct tcp_socket *socket, struct sock *sk, int state)
{
	count_traffic(usage, last_step(&socket->sent, payload_sent(sk, state, socket->key.side != TCP_SIDE_CLIENT)),
		      last_step(&socket->received, payload_received(sk)),
		      last_step(&socket->retransmitted, BPF_CORE_READ((struct tcp_sock *)sk, total_retrans)));
}

#endif
