/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * KIND_SOCKET to KIND_ACCEPT, and shutdown: calls that make sockets and give them their peers, also the refused ones.
 * What the kernel does between two calls is in socket_end.bpf.c, datagrams are in datagrams.bpf.h.
 */
#ifndef EUNOMIA_NETWORK_BPF_H
#define EUNOMIA_NETWORK_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "network/datagrams.bpf.h"
#include "record/emit.bpf.h"
#include "record/filters.bpf.h"
#include "record/header.bpf.h"
#include "network/messages.bpf.h"
#include "network/socket_facts.bpf.h"
#include "network/socket_history.bpf.h"
#include "network/socket_record.bpf.h"
#include "kernel-call/syscall.bpf.h"

/* include/linux/net.h: flags in the type of a socket */
#define SOCK_TYPE_MASK 0xf

/* The descriptor that the event is about; -1 when the call returned none. */
static __always_inline __s32 descriptor_of_call(const struct syscall *call, __u32 kind)
{
	__s32 pair[2] = {-1, -1};

	if (call->number == NR_SOCKETPAIR) {
		if (call->result >= 0)
			bpf_probe_read_user(pair, sizeof(pair), (void *)call->args[3]);
		return pair[0];
	}
	if (kind == KIND_SOCKET || kind == KIND_ACCEPT)
		return call->result >= 0 ? call->result : -1;
	return call->args[0];
}

static __always_inline void fill_call(struct socket_event *event, const struct syscall *call, __u32 kind)
{
	switch (kind) {
	case KIND_SOCKET: /* family, type, protocol */
		event->family = call->args[0];
		event->type = call->args[1] & SOCK_TYPE_MASK;
		event->call_flags = call->args[1] & ~SOCK_TYPE_MASK;
		event->protocol = call->args[2];
		break;
	case KIND_LISTEN: /* fd, backlog */
		event->backlog = call->args[1];
		event->event_flags |= SOCKET_IS_SERVER;
		break;
	case KIND_CONNECT:
		event->event_flags |= SOCKET_IS_CLIENT;
		break;
	case KIND_ACCEPT: /* fd, address, length, flags */
		event->event_flags |= SOCKET_IS_SERVER;
		if (call->number == NR_ACCEPT4)
			event->call_flags = call->args[3];
	}
}

/* From now on it is known whose connection it is. Closed meanwhile: its close was counted already. */
static __always_inline void keep_accepted(struct sock *sk, struct task_struct *task)
{
	struct connection connection = {.progress = PROGRESS_ESTABLISHED, .is_server = 1};
	__u64 key = (__u64)sk;

	if (sk->sk_protocol != IPPROTO_TCP || !is_ip(sk->__sk_common.skc_family) ||
	    sk->__sk_common.skc_state == TCP_CLOSE)
		return;
	fill_header(&connection.maker, KIND_ACCEPT, task);
	connection.begin_ns = connection.maker.boot_ns;
	connection.established_ns = connection.begin_ns;
	connection.cookie = sk->__sk_common.skc_cookie.counter;
	keep_connection(key, &connection, is_dns_stream(sk));
}

/* connect set the peer of an IP socket that is not TCP: it is the client of its flow. */
static __always_inline void keep_peer(struct sock *sk, struct file *file)
{
	if (is_ip(sk->__sk_common.skc_family) && is_datagram(sk))
		datagrams_of((__u64)sk, file->f_inode->i_ino, 0);
}

/* Global as begin_call_record() is. Of the record in the scratch, with the address argument of the call right after
 * it. */
__noinline int has_port_left_out(void)
{
	struct scratch *scratch = own_scratch();
	struct socket_event *event;
	struct ip_address *given;
	__u16 local, remote;
	__u32 side;
	_Bool has_port;

	if (!scratch)
		return 0;
	event = (void *)scratch->bytes;
	given = (void *)(scratch->bytes + sizeof(*event));
	local = event->facts.local_port;
	remote = event->facts.remote_port;
	has_port = event->address_length >= IPV4_ADDRESS_BYTES && is_ip(given->family);
	if (has_port && event->header.kind == KIND_BIND)
		local = bpf_ntohs(given->port);
	else if (has_port && !remote)
		remote = bpf_ntohs(given->port);
	/* A socket is bound for either side; its own port is all that there is. */
	side = event->header.kind == KIND_BIND ? SOCKET_IS_SERVER : event->event_flags;
	return is_port_left_out(side, local, remote);
}

static __always_inline int report_socket_record(struct scratch *scratch, __u32 kind, __u32 length)
{
	struct socket_event *event = (void *)scratch->bytes;

	if (!has_port_left_out())
		return emit_security(TOPIC_NETWORK, kind, &event->header, length);
	return_scratch();
	return suppress(FILTER_PORT, kind);
}

/* A connect that returned: what goes on in the background is reported when it ends, here when that was before the
 * return.
 */
__noinline int settle_connect(__u64 key, long result)
{
	struct sock *sk = bpf_core_cast((void *)key, struct sock);
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	struct socket_event *event;
	struct scratch *scratch;
	__u32 before;

	if (!connection || result >= 0)
		return 0;
	if (!is_in_the_background(result)) {
		if (connection->progress & PROGRESS_FAILED)
			forget_connection(key, connection);
		return 0;
	}
	before = __sync_fetch_and_or(&connection->progress, PROGRESS_IN_THE_BACKGROUND);
	if (before & PROGRESS_IN_THE_BACKGROUND || !(before & (PROGRESS_ESTABLISHED | PROGRESS_FAILED)))
		return 0;
	if (is_outcome_left_out(KIND_CONNECT, before & PROGRESS_FAILED ? -1 : 0)) {
		if (before & PROGRESS_FAILED)
			forget_connection(key, connection);
		return suppress(FILTER_OUTCOME, KIND_CONNECT);
	}
	scratch = take_scratch(KIND_CONNECT);
	if (!scratch)
		return lose(TOPIC_NETWORK, KIND_CONNECT);
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	fill_socket(&event->facts, sk);
	fill_connect_end(event, connection);
	report_socket_record(scratch, KIND_CONNECT, sizeof(*event));
	if (before & PROGRESS_FAILED)
		forget_connection(key, connection);
	return 0;
}

/* A connect that is left out: what it began is settled all the same. Global as on_socket_call() is. */
__noinline int settle_left_out(const struct syscall *call)
{
	struct file *file;
	__u64 key;

	if (!call) /* never; the verifier can't know */
		return 0;
	file = file_of(current_task(), call->args[0]);
	key = file ? socket_address_of(file) : 0;
	return key ? settle_connect(key, call->result) : 0;
}

/* How long the connection took, of a connect that waited for it. */
static __always_inline void fill_connect_duration(struct socket_event *event, struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);

	if (!connection || !(connection->progress & PROGRESS_ESTABLISHED))
		return;
	event->duration_ns = connection->established_ns - connection->begin_ns;
	event->event_flags |= SOCKET_HAS_DURATION;
}

/* Whom a connect that failed was for: not the memory of the caller, which may have changed while it waited. */
static __always_inline void fill_failed_remote(struct socket_event *event, struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);

	if (!connection || !connection->remote_port || connection->progress & PROGRESS_ESTABLISHED)
		return;
	__builtin_memcpy(event->facts.remote, connection->remote, ADDRESS_BYTES);
	event->facts.remote_port = connection->remote_port;
	event->event_flags |= SOCKET_REMOTE_OF_CALL;
}

static __always_inline __u32 put_call_address(struct scratch *scratch, __u32 at, const struct syscall *call, __u32 kind)
{
	struct socket_event *event = (void *)scratch->bytes;

	if (kind != KIND_CONNECT && kind != KIND_BIND) /* fd, address, length */
		return at;
	return put_address(scratch, at, call->args[1], call->args[2], &event->address_length);
}

static __always_inline int report_socket_call(struct task_struct *task, const struct syscall *call, __u32 kind)
{
	struct socket_event *event;
	struct scratch *scratch;
	struct file *file;
	struct sock *sk = NULL;
	__u64 key = 0;
	__u32 at = sizeof(*event);

	/* A nonblocking descriptor is read until nothing is left. */
	if (kind == KIND_ACCEPT && (call->result == ERROR_AGAIN || call->result == ERROR_RESTARTSYS))
		return suppress(FILTER_INTEREST, kind);
	if (is_over_budget(kind, call->number, call->result)) {
		suppress(FILTER_BUDGET, kind);
		return kind == KIND_CONNECT ? settle_left_out(call) : 0;
	}
	scratch = take_scratch(kind);
	if (!scratch)
		return lose(TOPIC_NETWORK, kind);
	event = begin_record(scratch, task, call->number, call->result, kind);
	if (call->is_fast_open)
		event->header.flags |= HEADER_FAST_OPEN;
	event->fd = descriptor_of_call(call, kind);
	fill_call(event, call, kind);
	file = file_of(task, event->fd);
	if (file)
		key = socket_address_of(file);
	if (key) {
		sk = bpf_core_cast((void *)key, struct sock);
		fill_socket(&event->facts, sk);
		if (kind == KIND_CONNECT && call->result == 0)
			fill_connect_duration(event, sk);
		if (kind == KIND_CONNECT && call->result < 0)
			fill_failed_remote(event, sk);
	}
	at = put_call_address(scratch, at, call, kind);
	if (sk)
		at = put_unix_name(scratch, at, sk, &event->unix_length);
	if (sk && file && kind == KIND_CONNECT && call->result == 0)
		keep_peer(sk, file);
	if (sk && kind == KIND_ACCEPT)
		keep_accepted(sk, task);
	report_socket_record(scratch, kind, at);
	return sk && kind == KIND_CONNECT ? settle_connect(key, call->result) : 0;
}

/* socketcall(2) of i386: number of each of its operations, from SYS_SOCKET (1) on. 0 for those that are not recorded.
 */
const volatile __u16 calls_of_socketcall[21] = {
	[1] = NR_SOCKET,   [2] = NR_BIND,	[3] = NR_CONNECT,   [4] = NR_LISTEN,
	[5] = NR_ACCEPT,   [8] = NR_SOCKETPAIR, [9] = NR_SENDTO,    [10] = NR_RECVFROM,
	[11] = NR_SENDTO,  [12] = NR_RECVFROM,	[13] = NR_SHUTDOWN, [16] = NR_SENDMSG,
	[17] = NR_RECVMSG, [18] = NR_ACCEPT4,	[19] = NR_RECVMMSG, [20] = NR_SENDMMSG,
};
/* Its operations send and recv are sendto and recvfrom without an address. */
#define SOCKETCALL_SEND 9
#define SOCKETCALL_RECV 10

/* Makes the call out of its multiplexer; false for a call that is not recorded. */
static __always_inline _Bool read_socketcall(struct syscall *call)
{
	__u32 args[6] = {};
	__u32 operation = call->args[0];

	if (!call->is_32_bit || operation >= 21)
		return 0;
	call->number = calls_of_socketcall[operation];
	bpf_probe_read_user(args, sizeof(args), (void *)call->args[1]);
	if (operation == SOCKETCALL_SEND || operation == SOCKETCALL_RECV)
		args[4] = args[5] = 0;
#pragma unroll
	for (int i = 0; i < 6; i++)
		call->args[i] = args[i];
	return call->number != 0;
}

/* Counts what a filter left out: each message of sendmmsg and recvmmsg is one. */
static __always_inline int leave_call_out(const struct syscall *call, __u32 filter, __u32 kind)
{
	_Bool has_messages = call->number == NR_SENDMMSG || call->number == NR_RECVMMSG;

	suppress_many(filter, kind, has_messages && call->result > 0 ? call->result : 1);
	return filter == FILTER_OUTCOME && kind == KIND_CONNECT ? settle_left_out(call) : 0;
}

/* include/linux/socket.h */
#define MSG_FASTOPEN 0x20000000

static __always_inline __u32 flags_of_send(const struct syscall *call)
{
	switch (call->number) {
	case NR_SENDTO:	  /* fd, buffer, length, flags, address, its length */
	case NR_SENDMMSG: /* fd, messages, count, flags */
		return call->args[3];
	case NR_SENDMSG: /* fd, message, flags */
		return call->args[2];
	}
	return 0;
}

static __always_inline _Bool is_stream_to_connect(struct sock *sk)
{
	return is_ip(sk->__sk_common.skc_family) && sk->sk_type == SOCK_STREAM;
}

/* Global as on_socket_call() is. TCP Fast Open: a send with an address connects, tcp_sendmsg_fastopen() in
 * net/ipv4/tcp.c. Reported as the connect that it is. */
__noinline int on_fast_open(const struct syscall *given)
{
	struct task_struct *task = current_task();
	struct message message = {};
	struct syscall call;
	struct file *file;
	__u64 key;

	if (!given) /* never; the verifier can't know */
		return 0;
	call = *given;
	file = file_of(task, call.args[0]);
	key = file ? socket_address_of(file) : 0;
	if (!key || !is_stream_to_connect(bpf_core_cast((void *)key, struct sock)))
		return 0;
	message.address = call.args[4];
	message.address_length = call.args[5];
	if (call.number != NR_SENDTO)
		read_msghdr(&message, call.args[1], call.is_32_bit);
	call.number = NR_CONNECT;
	call.is_fast_open = 1;
	call.args[1] = message.address;
	call.args[2] = message.address_length;
	if (call.result > 0)
		call.result = 0;
	if (is_outcome_left_out(KIND_CONNECT, call.result))
		return suppress(FILTER_OUTCOME, KIND_CONNECT);
	return report_socket_call(task, &call, KIND_CONNECT);
}

/*
 * Global, and not static, as what it calls: the verifier checks a global function once, on its own, and not again from
 * each call with all that is known there. As static ones these cost 500,000 of the million steps that a program may
 * have.
 */
__noinline int on_socket_call(const struct syscall *given, __u32 kind)
{
	struct task_struct *task = current_task();
	struct syscall call;
	__u32 filter;

	if (!given) /* never; the verifier can't know */
		return 0;
	call = *given;
	if (call.number == NR_SOCKETCALL) {
		if (!read_socketcall(&call))
			return 0;
		kind = call_kind[call.number % CALLS_MAX];
		if (kind == KIND_NONE)
			return 0;
		filter = filter_of_call(kind, call.result);
		if (filter != FILTER_NONE)
			return leave_call_out(&call, filter, kind);
	}
	if (kind >= KIND_MAX) /* as above */
		return 0;
	if (kind == KIND_SEND && flags_of_send(&call) & MSG_FASTOPEN && call_kind[NR_CONNECT] == KIND_CONNECT)
		on_fast_open(&call);
	if (kind == KIND_SEND || kind == KIND_RECEIVE)
		return on_datagram_call(task, &call, kind);
	return report_socket_call(task, &call, kind);
}

#endif
