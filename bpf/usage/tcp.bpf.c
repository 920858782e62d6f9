// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * TCP counted by process, remote address and port of the server. The kernel counts bytes, segments and round trips of
 * each connection anyway: so nothing runs per packet or call, but only when a connection begins or ends
 * (inet_sock_set_state, 4.16), and at each reading, which visits the sockets of all descriptors.
 *
 * Whose a connection is: of the task that connects; of one that was accepted the task whose descriptor it is at the
 * reading, or that closes it. FIN_WAIT1 and LAST_ACK are entered by close() and shutdown() only (tcp_close_state() in
 * net/ipv4/tcp.c), so the current task is theirs. A connection that was reset while its owner was unknown waits for its
 * reading or its last close (tcp_destroy_sock, 4.16).
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "network/tcp_payload.bpf.h"
#include "usage/tables.bpf.h"
#include "usage/tcp_counts.bpf.h"
#include "usage/tcp_socket.bpf.h"

/* include/net/sock.h: what close() sets first (__tcp_close()), and tcp_done() only after the state. */
#define SHUTDOWN_MASK 3

/* In the task that connects: tcp_v4_connect(), tcp_v6_connect(). */
static __always_inline int on_connect(struct sock *sk)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tcp_socket *socket;

	if (is_left_out(task))
		return 0;
	socket = fresh_socket(sk, TCP_SIDE_CLIENT);
	if (!socket) {
		add_overflow(OVERFLOW_SOCKETS, 1);
		return 0;
	}
	take_owner(socket, task);
	socket->begin_ns = bpf_ktime_get_boot_ns();
	return 0;
}

static __always_inline int on_connected(struct tcp_socket *socket)
{
	__u64 duration_us = (bpf_ktime_get_boot_ns() - socket->begin_ns) / 1000;
	struct tcp_usage *usage = usage_of(socket);

	COUNT(usage, opened, OVERFLOW_OPENED, 1);
	if (!usage)
		return 0;
	__sync_fetch_and_add(&usage->connect_us, duration_us);
	raise(&usage->max_connect_us, duration_us);
	return 0;
}

static __always_inline int on_failed(struct sock *sk, struct tcp_socket *socket)
{
	struct tcp_usage *usage = usage_of(socket);

	COUNT(usage, failed, OVERFLOW_FAILED, 1);
	count_last(usage, socket, sk, TCP_SYN_SENT);
	return 0;
}

/* Usually in an interrupt: the other side connected, and the connection is not accepted yet. */
static __always_inline int on_established(struct sock *sk)
{
	struct tcp_socket *socket = fresh_socket(sk, TCP_SIDE_SERVER);

	if (socket)
		socket->is_opened = 1;
	else
		add_overflow(OVERFLOW_SOCKETS, 1);
	return 0;
}

static __always_inline void report_end(struct sock *sk, struct tcp_socket *socket, int state)
{
	struct tcp_usage *usage = usage_of(socket);

	count_opened(usage, socket);
	COUNT(usage, closed, OVERFLOW_CLOSED, 1);
	count_last(usage, socket, sk, state);
	count_round_trip(usage, sk);
}

/* The end that waited for somebody whose it is. */
static __always_inline void report_late_end(struct sock *sk, struct tcp_socket *socket)
{
	__u32 state = __sync_lock_test_and_set(&socket->last_state, 0);

	if (state)
		report_end(sk, socket, state);
}

static __always_inline int on_closed(struct sock *sk, struct tcp_socket *socket, int state)
{
	_Bool is_close = sk->sk_shutdown == SHUTDOWN_MASK && (state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT);

	if (!socket->key.owner.pid && !(is_close && take_owner(socket, bpf_get_current_task_btf())))
		socket->last_state = state;
	else
		report_end(sk, socket, state);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(usage_tcp, struct sock *sk, int before, int after)
{
	struct tcp_socket *socket;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (after == TCP_SYN_SENT)
		return on_connect(sk);
	socket = known_socket(sk);
	if (after == TCP_ESTABLISHED && before == TCP_SYN_RECV && !socket)
		return on_established(sk);
	if (!socket)
		return 0;
	if (after == TCP_ESTABLISHED)
		return on_connected(socket);
	if ((after == TCP_FIN_WAIT1 || after == TCP_LAST_ACK) && !socket->key.owner.pid)
		take_owner(socket, bpf_get_current_task_btf());
	if (after == TCP_CLOSE)
		return before == TCP_SYN_SENT ? on_failed(sk, socket) : on_closed(sk, socket, before);
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(usage_tcp_destroyed, struct sock *sk)
{
	struct tcp_socket *socket = known_socket(sk);

	if (!socket || !socket->last_state)
		return 0;
	if (socket->key.owner.pid || take_owner(socket, bpf_get_current_task_btf()))
		report_late_end(sk, socket);
	return 0;
}

/* A connection that is older than the program: what it did until now is not reported. */
static __always_inline struct tcp_socket *older_socket(struct sock *sk, int state)
{
	struct tcp_socket *socket = fresh_socket(sk, TCP_SIDE_UNKNOWN);

	if (!socket) {
		add_overflow(OVERFLOW_SOCKETS, 1);
		return NULL;
	}
	socket->sent = payload_sent(sk, state, 1);
	socket->received = payload_received(sk);
	socket->retransmitted = BPF_CORE_READ((struct tcp_sock *)sk, total_retrans);
	return socket;
}

/* The socket of a descriptor of `task`, once per reading. */
static __always_inline int read_socket(struct sock *sk, struct task_struct *task, __u64 reading)
{
	int state = sk->__sk_common.skc_state;
	struct tcp_socket *socket;
	struct tcp_usage *usage;

	if (state == TCP_LISTEN || state == TCP_SYN_SENT || state == TCP_SYN_RECV || is_left_out(task))
		return 0;
	socket = known_socket(sk);
	if (!socket && state != TCP_CLOSE)
		socket = older_socket(sk, state);
	if (!socket || socket->reading == reading)
		return 0;
	socket->reading = reading;
	if (state == TCP_CLOSE) {
		if (socket->last_state && (socket->key.owner.pid || take_owner(socket, task)))
			report_late_end(sk, socket);
		return 0;
	}
	/* Its maker may have ended, or be in another cgroup now. */
	take_owner(socket, task);
	usage = usage_of(socket);
	count_opened(usage, socket);
	COUNT(usage, open, OVERFLOW_OPEN, 1);
	count_steps(usage, socket, sk, state);
	count_round_trip(usage, sk);
	return 0;
}

SEC("iter/task_file")
int usage_tcp_reading(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct sock *sk;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || !is_ip(sk->__sk_common.skc_family) || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	return read_socket(sk, task, ctx->meta->session_id);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
