/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * State of a connection: its owner, and what was reported of it. It is in the storage of the socket and ends
 * with it, so that no bound is needed and no address is used twice. Storage from tracepoints and iterators: 5.11,
 * 8e4597c627fb and 3cee6fb8e69e.
 */
#ifndef EUNOMIA_USAGE_TCP_SOCKET_BPF_H
#define EUNOMIA_USAGE_TCP_SOCKET_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "kernel/socket.h"
#include "network/socket_facts.bpf.h"
#include "usage/owner.bpf.h"
#include "usage/usage.h"

/* More than any counter: nothing is reported of a connection after its end. */
#define ALL_REPORTED (~0ULL)

struct tcp_socket {
	struct tcp_key key; /* owner.pid is 0 while the owner is unknown */
	char comm[USAGE_COMM_BYTES];
	__u64 begin_ns; /* of a client: boot time of the connect */
	/* Reported until now, or ALL_REPORTED. */
	__u64 sent;
	__u64 received;
	__u64 retransmitted;
	__u64 reading;	  /* the last one that it was seen in: several descriptors may be of it */
	__u32 is_opened;  /* by a client, and not reported yet */
	__u32 last_state; /* the state before its end, until that is reported; else 0 */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tcp_socket);
} sockets SEC(".maps");

static __always_inline struct tcp_socket *known_socket(struct sock *sk)
{
	return bpf_sk_storage_get(&sockets, sk, NULL, 0);
}

/* The port of the server. What a socket is bound to is in inet_sport also after its end, unlike skc_num. */
static __always_inline __u16 server_port(struct sock *sk, enum tcp_side side)
{
	__u16 local = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	__u16 remote = bpf_ntohs(sk->__sk_common.skc_dport);

	if (side == TCP_SIDE_UNKNOWN)
		return local < remote ? local : remote;
	return side == TCP_SIDE_SERVER ? local : remote;
}

/* A connection that begins, or is seen for the first time; null when the kernel has no room for its state. */
static __always_inline struct tcp_socket *fresh_socket(struct sock *sk, enum tcp_side side)
{
	struct tcp_socket *socket = bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);

	if (!socket)
		return NULL;
	__builtin_memset(socket, 0, sizeof(*socket));
	socket->key.side = side;
	socket->key.port = server_port(sk, side);
	socket->key.family = sk->__sk_common.skc_family;
	if (socket->key.family == AF_INET)
		bpf_probe_read_kernel(socket->key.remote, sizeof(__u32), &sk->__sk_common.skc_daddr);
	else
		bpf_probe_read_kernel(socket->key.remote, sizeof(socket->key.remote), &sk->__sk_common.skc_v6_daddr);
	return socket;
}

/* False for the collector's own. */
static __always_inline _Bool take_owner(struct tcp_socket *socket, struct task_struct *task)
{
	if (is_left_out(task))
		return 0;
	fill_owner_comm(socket->comm, task);
	fill_owner(&socket->key.owner, task);
	return 1;
}

/*
 * What came since the last reading. `reported` was read before `now`, and of a reading and the end of a connection that
 * come at once one counts: so the steps of a connection are its counter in sum.
 */
static __always_inline __u64 step(__u64 *place, __u64 reported, __u64 now)
{
	if (now <= reported || __sync_val_compare_and_swap(place, reported, now) != reported)
		return 0;
	return now - reported;
}

/* What is left at the end. */
static __always_inline __u64 last_step(__u64 *place, __u64 now)
{
	__u64 reported = __sync_lock_test_and_set(place, ALL_REPORTED);

	return now > reported ? now - reported : 0;
}

#endif
