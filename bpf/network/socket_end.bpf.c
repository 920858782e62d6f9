// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * KIND_CONNECT of what connects in the background, and KIND_CLOSE. What happens to a connection between two calls shows
 * in inet_sock_set_state only (net/ipv4/af_inet.c, 4.16), often in an interrupt, where the current task is any: so the
 * process is the one that made the connection. The end of other IP sockets is the release, in the task that lets go of
 * the last descriptor: cgroup/sock_release (inet_release() in net/ipv4/af_inet.c, 5.9), attached to the root cgroup.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "network/datagram_record.bpf.h"
#include "record/emit.bpf.h"
#include "record/filters.bpf.h"
#include "record/header.bpf.h"
#include "network/socket_facts.bpf.h"
#include "network/socket_history.bpf.h"
#include "network/tcp_payload.bpf.h"

/* tcp_v4_connect() and tcp_v6_connect(), in the task that connects. */
static __noinline int begin_connection(struct sock *sk, __u64 cookie)
{
	struct task_struct *task = current_task();
	struct connection connection = {.cookie = cookie, .begin_ns = bpf_ktime_get_boot_ns()};
	struct socket_facts facts = {};
	__u64 key = (__u64)sk;

	if (filter_of_task(task) != FILTER_NONE)
		return 0;
	fill_header(&connection.maker, KIND_CONNECT, task);
	fill_socket(&facts, sk);
	__builtin_memcpy(connection.remote, facts.remote, ADDRESS_BYTES);
	connection.remote_port = facts.remote_port;
	keep_connection(key, &connection, sk->__sk_common.skc_dport == bpf_htons(DNS_PORT));
	return 0;
}

static __always_inline struct connection *connection_of(struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&connections, &key);
}

static __noinline int report_connect_end(struct sock *sk, struct connection *connection, __u32 state)
{
	struct socket_event event = {};

	fill_socket(&event.facts, sk);
	event.facts.state = state;
	fill_connect_end(&event, connection);
	if (is_outcome_left_out(KIND_CONNECT, event.header.result))
		return suppress(FILTER_OUTCOME, KIND_CONNECT);
	if (is_port_left_out(event.event_flags, event.facts.local_port, event.facts.remote_port))
		return suppress(FILTER_PORT, KIND_CONNECT);
	return emit_from_stack(TOPIC_NETWORK, KIND_CONNECT, &event.header, sizeof(event));
}

static __always_inline int on_established(struct sock *sk)
{
	struct connection *connection = connection_of(sk);

	if (!connection)
		return 0;
	connection->established_ns = bpf_ktime_get_boot_ns();
	if (__sync_fetch_and_or(&connection->progress, PROGRESS_ESTABLISHED) & PROGRESS_IN_THE_BACKGROUND)
		report_connect_end(sk, connection, TCP_ESTABLISHED);
	return 0;
}

/* A connect that failed: the entry stays for the connect that has not returned yet, which takes it away. */
static __always_inline int on_refused(struct sock *sk)
{
	struct connection *connection = connection_of(sk);
	__u64 key = (__u64)sk;

	if (!connection)
		return 0;
	connection->error = -sk->sk_err;
	if (!(__sync_fetch_and_or(&connection->progress, PROGRESS_FAILED) & PROGRESS_IN_THE_BACKGROUND))
		return 0;
	if (sk->sk_err) /* else the caller closed it before it had an end */
		report_connect_end(sk, connection, TCP_CLOSE);
	forget_connection(key, connection);
	return 0;
}

static __always_inline void fill_tcp_counts(struct socket_event *event, struct sock *sk, int state, _Bool is_server)
{
	struct tcp_sock *tcp = bpf_core_cast(sk, struct tcp_sock);

	event->bytes_sent = payload_sent(sk, state, is_server);
	event->bytes_received = payload_received(sk);
	event->packets_sent = tcp->segs_out;
	event->packets_received = tcp->segs_in;
	event->round_trip_us = tcp->srtt_us >> 3;
	event->event_flags |= SOCKET_HAS_COUNTS | SOCKET_HAS_ROUND_TRIP;
}

static __noinline int report_close(struct sock *sk, struct connection *connection, int state)
{
	struct socket_event event = {};

	if (is_over_budget(KIND_CLOSE, 0, 0))
		return suppress(FILTER_BUDGET, KIND_CLOSE);
	fill_maker(&event.header, KIND_CLOSE, connection);
	fill_socket(&event.facts, sk);
	/* tcp_set_state() has given the port back before it says so */
	event.facts.local_port = bpf_ntohs(bpf_core_cast(sk, struct inet_sock)->inet_sport);
	event.facts.state = TCP_CLOSE;
	event.fd = -1;
	event.event_flags = side_flag(connection->is_server) | SOCKET_HAS_DURATION;
	event.duration_ns = event.header.boot_ns - connection->begin_ns;
	if (is_outcome_left_out(KIND_CLOSE, 0))
		return suppress(FILTER_OUTCOME, KIND_CLOSE);
	if (is_port_left_out(event.event_flags, event.facts.local_port, event.facts.remote_port))
		return suppress(FILTER_PORT, KIND_CLOSE);
	fill_tcp_counts(&event, sk, state, connection->is_server);
	return emit_from_stack(TOPIC_NETWORK, KIND_CLOSE, &event.header, sizeof(event));
}

static __always_inline int on_closed(struct sock *sk, int state, __u64 cookie)
{
	struct connection *connection = connection_of(sk);
	__u64 key = (__u64)sk;

	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return 0;
	if (!connection || connection->cookie != cookie) /* not accepted, of an unknown process, or filtered out */
		return suppress(FILTER_INTEREST, KIND_CLOSE);
	report_close(sk, connection, state);
	forget_connection(key, connection);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(socket_state, struct sock *sk, int before, int after)
{
	__u64 cookie;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	sk = bpf_core_cast(sk, struct sock); /* as plain_task() */
	if (after == TCP_SYN_SENT)
		return begin_connection(sk, cookie);
	if (before == TCP_SYN_SENT && after == TCP_ESTABLISHED)
		return on_established(sk);
	if (before == TCP_SYN_SENT && after == TCP_CLOSE)
		return on_refused(sk);
	if (after == TCP_CLOSE)
		return on_closed(sk, before, cookie);
	return 0;
}

/* A datagram socket without a peer had any: where only some ports are reported, it may have been one of them. */
static __always_inline _Bool is_end_left_out(struct sock *sk, __u32 side)
{
	__u16 local = sk->__sk_common.skc_num, remote = bpf_ntohs(sk->__sk_common.skc_dport);

	return is_port_left_out(side, remote || !(filters.only & PORT_FILTERS) ? local : 0, remote);
}

SEC("cgroup/sock_release")
int socket_release(struct bpf_sock *context)
{
	struct sock *sk = bpf_core_cast(context, struct sock);
	struct task_struct *task = current_task();
	__u64 key = (__u64)context;
	struct datagrams *datagrams;
	struct socket_event event = {};
	__u32 filter;

	if (sk->sk_type == SOCK_STREAM)
		return 1;
	datagrams = bpf_map_lookup_elem(&datagram_sockets, &key);
	if (!datagrams) /* nothing went through it */
		return 1;
	filter = filter_of_task(task);
	if (filter == FILTER_NONE && is_outcome_left_out(KIND_CLOSE, 0))
		filter = FILTER_OUTCOME;
	if (filter == FILTER_NONE && is_end_left_out(sk, side_flag(datagrams->is_server)))
		filter = FILTER_PORT;
	if (filter == FILTER_NONE && is_over_budget(KIND_CLOSE, 0, 0))
		filter = FILTER_BUDGET;
	if (filter != FILTER_NONE) {
		suppress(filter, KIND_CLOSE);
	} else {
		fill_header(&event.header, KIND_CLOSE, task);
		event.header.tid = 0;
		fill_socket(&event.facts, sk);
		event.fd = -1;
		event.bytes_sent = datagrams->bytes_sent;
		event.bytes_received = datagrams->bytes_received;
		event.packets_sent = datagrams->packets_sent;
		event.packets_received = datagrams->packets_received;
		event.duration_ns = event.header.boot_ns - datagrams->begin_ns;
		event.event_flags = side_flag(datagrams->is_server) | SOCKET_HAS_COUNTS | SOCKET_HAS_DURATION;
		emit_from_stack(TOPIC_NETWORK, KIND_CLOSE, &event.header, sizeof(event));
	}
	bpf_map_delete_elem(&datagram_sockets, &key);
	return 1;
}
