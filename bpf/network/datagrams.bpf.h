/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * KIND_SEND, KIND_RECEIVE and KIND_DNS: the first datagram of a flow is reported, the rest is counted. What goes
 * through a connection (stream, seqpacket) is never reported: it is counted as suppressed, and its close has the bytes.
 * Datagrams from and to port 53 are each reported again with their payload: DNS is read from it. Of TCP see
 * dns_stream.bpf.h.
 */
#ifndef EUNOMIA_DATAGRAMS_BPF_H
#define EUNOMIA_DATAGRAMS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "network/datagram_record.bpf.h"
#include "network/dns_stream.bpf.h"
#include "record/emit.bpf.h"
#include "record/filters.bpf.h"
#include "record/header.bpf.h"
#include "network/messages.bpf.h"
#include "network/socket_facts.bpf.h"
#include "network/socket_history.bpf.h"
#include "network/socket_record.bpf.h"
#include "kernel-call/syscall.bpf.h"

/* include/uapi/asm-generic/errno-base.h */
#define ERROR_AGAIN  -11
/* Messages of one sendmmsg or recvmmsg that are read. */
#define MESSAGES_MAX 64

static __always_inline _Bool is_datagram(struct sock *sk)
{
	return sk->sk_type != SOCK_STREAM && sk->sk_type != SOCK_SEQPACKET;
}

/* struct sockaddr_in and sockaddr_in6 as far as addresses go. */
struct ip_address {
	__u16 family;
	__u16 port;
	__u32 v4;
	__u8 v6[ADDRESS_BYTES];
};

/* sizeof(struct sockaddr_in) */
#define IPV4_ADDRESS_BYTES 16

/* The remote side: as given, else the peer. Other families have one flow for all their remote sides. */
static __always_inline void fill_remote(struct flow *flow, struct sock *sk, const struct message *message)
{
	struct sock_common *common = &sk->__sk_common;
	struct ip_address given = {};
	__u32 length = message->address_length < sizeof(given) ? IPV4_ADDRESS_BYTES : sizeof(given);

	if (!is_ip(common->skc_family))
		return;
	if (message->address && message->address_length >= IPV4_ADDRESS_BYTES) {
		if (message->is_address_of_kernel)
			bpf_probe_read_kernel(&given, length, (void *)message->address);
		else
			bpf_probe_read_user(&given, length, (void *)message->address);
	}
	if (given.family == AF_INET6) {
		flow->remote_port = bpf_ntohs(given.port);
		__builtin_memcpy(flow->remote, given.v6, ADDRESS_BYTES);
	} else if (given.family == AF_INET) {
		flow->remote_port = bpf_ntohs(given.port);
		__builtin_memcpy(flow->remote, &given.v4, sizeof(given.v4));
	} else {
		flow->remote_port = bpf_ntohs(common->skc_dport);
		if (common->skc_family == AF_INET)
			__builtin_memcpy(flow->remote, &common->skc_daddr, sizeof(common->skc_daddr));
		else
			bpf_probe_read_kernel(flow->remote, ADDRESS_BYTES, &common->skc_v6_daddr);
	}
}

/* Counts the datagram in the history of an IP socket. Returns the side of the socket, as enum socket_event_flags.
 */
static __always_inline __u32 count_datagram(const struct datagram_call *call, struct sock *sk,
					    const struct message *message)
{
	_Bool is_receive = call->kind == KIND_RECEIVE;
	struct datagrams *datagrams;

	if (!is_ip(sk->__sk_common.skc_family))
		return 0;
	if (message->result < 0) {
		datagrams = bpf_map_lookup_elem(&datagram_sockets, &call->sk);
		return datagrams && datagrams->inode == call->inode ? side_flag(datagrams->is_server) : 0;
	}
	datagrams = datagrams_of(call->sk, call->inode, is_receive);
	if (!datagrams)
		return 0;
	if (is_receive && !(message->flags & MSG_PEEK)) {
		__sync_fetch_and_add(&datagrams->bytes_received, message->result);
		__sync_fetch_and_add(&datagrams->packets_received, 1);
	} else if (!is_receive) {
		__sync_fetch_and_add(&datagrams->bytes_sent, message->result);
		__sync_fetch_and_add(&datagrams->packets_sent, 1);
	}
	return side_flag(datagrams->is_server);
}

static __always_inline _Bool is_dns(struct sock *sk, const struct flow *flow, const struct message *message)
{
	struct sock_common *common = &sk->__sk_common;

	return is_ip(common->skc_family) && sk->sk_protocol == IPPROTO_UDP &&
	       (flow->remote_port == DNS_PORT || common->skc_num == DNS_PORT) && message->result >= DNS_HEADER_BYTES &&
	       !(message->flags & MSG_PEEK);
}

__noinline int on_datagram(const struct datagram_call *call, const struct message *message)
{
	struct flow flow = {};
	struct sock *sk;
	__u32 kind, side;

	if (!call || !message) /* never; the verifier can't know */
		return 0;
	kind = call->kind;
	if (kind >= KIND_MAX) /* as above */
		return 0;
	sk = bpf_core_cast((void *)call->sk, struct sock);
	flow.socket = call->sk;
	flow.inode = call->inode;
	flow.is_receive = kind == KIND_RECEIVE;
	fill_remote(&flow, sk, message);
	flow.error = message->result < 0 ? message->result : 0;
	side = count_datagram(call, sk, message);
	if (is_port_left_out(side, sk->__sk_common.skc_num, flow.remote_port)) {
		if (is_dns(sk, &flow, message))
			suppress(FILTER_PORT, KIND_DNS);
		return suppress(FILTER_PORT, kind);
	}
	if (is_first_of_flow(&flow))
		report_datagram(call, message, kind, side);
	else
		suppress(FILTER_INTEREST, kind);
	if (is_dns(sk, &flow, message))
		report_datagram(call, message, KIND_DNS, side);
	return 0;
}

/* One message of sendmmsg and recvmmsg, for bpf_loop(). */
static long on_message(__u32 index, void *context)
{
	const struct datagram_call *call = context;
	struct message message = {.flags = call->flags};

	read_mmsghdr(&message, call->messages, index, call->is_32_bit);
	on_datagram(call, &message);
	return 0;
}

/* A direction of flows of its own: messages that hand descriptors over, of which the first on a socket is reported. */
#define FLOW_OF_DESCRIPTORS 2

/* Global: see on_socket_call(). sendmsg and the first message of sendmmsg, on any socket: a stream's too. */
__noinline int on_passed_descriptors(const struct datagram_call *given, const struct message *message)
{
	struct flow flow = {.is_receive = FLOW_OF_DESCRIPTORS};
	struct datagram_call passing;
	__u32 passed;

	if (!given || !message) /* never; the verifier can't know */
		return 0;
	passed = descriptors_passed(message, given->is_32_bit);
	if (!passed)
		return 0;
	passing = *given;
	passing.passed_descriptors = passed;
	flow.socket = passing.sk;
	flow.inode = passing.inode;
	if (!is_first_of_flow(&flow))
		return suppress(FILTER_INTEREST, KIND_SEND);
	return report_datagram(&passing, message, KIND_SEND, 0);
}

static __always_inline int on_datagram_call(struct task_struct *task, const struct syscall *call, __u32 kind)
{
	struct datagram_call datagrams = {
		.number = call->number, .kind = kind, .fd = call->args[0], .is_32_bit = call->is_32_bit};
	struct message message = {};
	struct file *file = file_of(task, call->args[0]);
	__u64 key = file ? socket_address_of(file) : 0;

	if (key && kind == KIND_SEND && call->result > 0 &&
	    (call->number == NR_SENDMSG || call->number == NR_SENDMMSG)) {
		datagrams.sk = key;
		datagrams.inode = file->f_inode->i_ino;
		read_msghdr(&message, call->args[1], call->is_32_bit);
		message.result = call->result;
		on_passed_descriptors(&datagrams, &message);
		__builtin_memset(&message, 0, sizeof(message));
	}
	if (key && is_dns_stream(bpf_core_cast((void *)key, struct sock)))
		on_dns_stream(call, key);
	/* Nothing to read yet, or no room: what does not block is tried again. */
	if (!key || !is_datagram(bpf_core_cast((void *)key, struct sock)) || call->result == ERROR_AGAIN ||
	    call->result == ERROR_INTR || call->result == ERROR_RESTARTSYS)
		return suppress(FILTER_INTEREST, kind);
	datagrams.sk = key;
	datagrams.inode = file->f_inode->i_ino;
	switch (call->number) {
	case NR_SENDTO:
	case NR_RECVFROM:
		read_buffer_call(&message, call);
		return on_datagram(&datagrams, &message);
	case NR_SENDMSG: /* fd, message, flags */
	case NR_RECVMSG:
		read_msghdr(&message, call->args[1], call->is_32_bit);
		message.flags = call->args[2];
		message.result = call->result;
		return on_datagram(&datagrams, &message);
	}
	/* sendmmsg, recvmmsg: fd, messages, count, flags ... */
	datagrams.messages = call->args[1];
	datagrams.flags = call->args[3];
	if (call->result <= 0) {
		read_mmsghdr(&message, call->args[1], 0, call->is_32_bit);
		message.result = call->result;
		return on_datagram(&datagrams, &message);
	}
	bpf_loop(call->result < MESSAGES_MAX ? call->result : MESSAGES_MAX, on_message, &datagrams, 0);
	if (call->result > MESSAGES_MAX)
		suppress_many(FILTER_INTEREST, kind, call->result - MESSAGES_MAX);
	return 0;
}

#endif
