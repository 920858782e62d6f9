/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The record of a datagram, or of a DNS message of a stream: struct socket_event with address and payload. */
#ifndef EUNOMIA_DATAGRAM_RECORD_BPF_H
#define EUNOMIA_DATAGRAM_RECORD_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/emit.bpf.h"
#include "record/header.bpf.h"
#include "network/messages.bpf.h"
#include "network/socket_facts.bpf.h"
#include "network/socket_record.bpf.h"

/* include/linux/socket.h */
#define MSG_PEEK	 2
#define DNS_PORT	 53
#define DNS_HEADER_BYTES 12
/* What is taken of a DNS message: more than resolvers ask for (1,232, www.dnsflagday.net/2020). */
#define DNS_BYTES	 2048

/* The call that a datagram is of. */
struct datagram_call {
	__u64 sk;
	__u64 inode;
	__u64 messages; /* of sendmmsg and recvmmsg */
	__u32 number;
	__u32 kind;
	__s32 fd;
	__u32 flags;
	_Bool is_32_bit;
	__u32 passed_descriptors;
	__u32 header_flags; /* enum header_flags, besides those of the ABI */
};

__noinline int report_datagram(const struct datagram_call *call, const struct message *message, __u32 kind, __u32 side)
{
	struct scratch *scratch;
	struct sock *sk;
	__u32 at = sizeof(struct socket_event), wanted = kind == KIND_DNS ? DNS_BYTES : knob_payload_bytes;
	struct task_struct *task = current_task();
	struct socket_event *event;
	__u64 bytes;

	if (!call || !message || kind >= KIND_MAX) /* never; the verifier can't know */
		return 0;
	if (is_over_budget(kind, call->number, message->result))
		return suppress(FILTER_BUDGET, kind);
	scratch = take_scratch(kind);
	if (!scratch)
		return lose(TOPIC_NETWORK, kind);
	event = begin_record(scratch, task, call->number, message->result, kind);
	event->header.flags |= call->header_flags;
	event->fd = call->fd;
	event->call_flags = message->flags;
	event->size = message->size;
	event->event_flags = side;
	event->passed_descriptors = call->passed_descriptors;
	sk = bpf_core_cast((void *)call->sk, struct sock);
	fill_socket(&event->facts, sk);
	at = put_message_address(scratch, at, message, &event->address_length);
	at = put_unix_name(scratch, at, sk, &event->unix_length);
	if (message->result >= 0) {
		bytes = message->buffer_bytes;
		if (bytes > (__u32)message->result)
			bytes = message->result;
		if (wanted > PAYLOAD_MAX)
			wanted = PAYLOAD_MAX;
		at = put_user_bytes(scratch, at, message->buffer, bytes < wanted ? bytes : wanted, PAYLOAD_MAX,
				    &event->payload_length);
	}
	return emit_security(TOPIC_NETWORK, kind, &event->header, at);
}

#endif
