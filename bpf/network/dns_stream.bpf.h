/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * KIND_DNS of TCP connections from and to port 53: the calls that begin a message, with its bytes, as far as the call
 * moved them. RFC 7766: two bytes with the length stand before a message, in the same call, in a buffer of their own
 * (writev of glibc, sendmsg of musl), or in a call of their own. What begins no message (a length alone, the rest of a
 * long one) is counted as suppressed. No state is stored between calls.
 * read and write are called for everything, so they are checked only while such a connection exists.
 */
#ifndef EUNOMIA_DNS_STREAM_BPF_H
#define EUNOMIA_DNS_STREAM_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "network/datagram_record.bpf.h"
#include "record/emit.bpf.h"
#include "record/filters.bpf.h"
#include "record/header.bpf.h"
#include "network/messages.bpf.h"
#include "network/socket_facts.bpf.h"
#include "network/socket_history.bpf.h"
#include "kernel-call/syscall.bpf.h"

#define LENGTH_BYTES 2
/* RFC 1035, section 4.1.1: of the flags a message of today has the kind of query 0 and the bit Z 0. */
#define DNS_NOT_SET  0x7840

static __always_inline _Bool is_dns_stream(struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	return is_ip(common->skc_family) && sk->sk_protocol == IPPROTO_TCP &&
	       (common->skc_num == DNS_PORT || common->skc_dport == bpf_htons(DNS_PORT));
}

/* The header of a message, one question: what every resolver sends. */
static __always_inline _Bool is_dns_header(const __be16 *words)
{
	return !(bpf_ntohs(words[1]) & DNS_NOT_SET) && bpf_ntohs(words[2]) == 1;
}

/* Finds the message that the call begins: moves the buffer to it. */
static __always_inline _Bool find_dns_message(struct message *message)
{
	__be16 words[(LENGTH_BYTES + DNS_HEADER_BYTES) / sizeof(__be16)] = {};
	__u32 moved = message->result;

	if (message->buffer_bytes == LENGTH_BYTES) {
		message->buffer = message->second;
		message->buffer_bytes = message->second_bytes;
		moved -= LENGTH_BYTES;
	}
	/* No more than the buffer holds: the memory after it was not moved. */
	if (moved > message->buffer_bytes)
		moved = message->buffer_bytes;
	message->buffer_bytes = moved;
	if (moved < DNS_HEADER_BYTES || moved > (__u32)message->result)
		return 0;
	if (bpf_probe_read_user(words, moved < sizeof(words) ? DNS_HEADER_BYTES : sizeof(words),
				(void *)message->buffer))
		return 0;
	/* A message without its length first: at that place of one with it stand its flags, which are no 1. */
	if (bpf_ntohs(words[0]) + LENGTH_BYTES != moved && is_dns_header(words))
		return 1;
	if (bpf_ntohs(words[0]) < DNS_HEADER_BYTES || !is_dns_header(words + 1))
		return 0;
	message->buffer += LENGTH_BYTES;
	message->buffer_bytes -= LENGTH_BYTES;
	return message->buffer_bytes >= DNS_HEADER_BYTES;
}

/* Global, as on_socket_call() is. @param key a socket of which is_dns_stream() */
__noinline int on_dns_stream(const struct syscall *call, __u64 key)
{
	struct datagram_call datagram = {.sk = key};
	struct message message = {};
	struct sock *sk = bpf_core_cast((void *)key, struct sock);
	__u16 local, remote;

	if (!call || call->result <= 0)
		return 0;
	switch (call->number) {
	case NR_READ: /* fd, buffer, length */
	case NR_WRITE:
		message.buffer = call->args[1];
		message.buffer_bytes = message.size = call->args[2];
		break;
	case NR_READV: /* fd, buffers, count */
	case NR_WRITEV:
		read_buffers(&message, call->args[1], call->args[2], call->is_32_bit);
		break;
	case NR_SENDTO: /* fd, buffer, length, flags */
	case NR_RECVFROM:
		message.buffer = call->args[1];
		message.buffer_bytes = message.size = call->args[2];
		message.flags = call->args[3];
		break;
	case NR_SENDMSG: /* fd, message, flags */
	case NR_RECVMSG:
		read_msghdr(&message, call->args[1], call->is_32_bit);
		message.address = 0; /* the peer is known */
		message.flags = call->args[2];
		break;
	default: /* several messages in a call: not used on a stream */
		return suppress(FILTER_INTEREST, KIND_DNS);
	}
	message.result = call->result;
	if ((message.flags & MSG_PEEK) || !find_dns_message(&message))
		return suppress(FILTER_INTEREST, KIND_DNS);
	local = sk->__sk_common.skc_num;
	remote = bpf_ntohs(sk->__sk_common.skc_dport);
	if (is_port_left_out(side_flag(local == DNS_PORT), local, remote))
		return suppress(FILTER_PORT, KIND_DNS);
	datagram.number = call->number;
	datagram.fd = call->args[0];
	return report_datagram(&datagram, &message, KIND_DNS, side_flag(local == DNS_PORT));
}

/* read, write and the like, while there are connections of DNS: most are of other descriptors. Global, as above. */
__noinline int on_transfer(const struct syscall *call)
{
	struct task_struct *task = current_task();
	struct file *file;
	__u32 filter;
	__u64 key;

	if (!call || call->result <= 0)
		return 0;
	file = file_of(task, call->args[0]);
	key = file ? socket_address_of(file) : 0;
	if (!key || !is_dns_stream(bpf_core_cast((void *)key, struct sock)))
		return 0;
	filter = filter_of_call(KIND_DNS, call->result);
	return filter == FILTER_NONE ? on_dns_stream(call, key) : suppress(filter, KIND_DNS);
}

/* By the number in records; read, which is 0 there like all calls that are not recorded, by its own. */
static __always_inline _Bool is_transfer(__u32 number, __u32 own_number, _Bool is_32_bit)
{
	return number == NR_WRITE || number == NR_READV || number == NR_WRITEV ||
	       own_number == (is_32_bit ? READ_OF_32_BIT : NATIVE_READ);
}

#endif
