/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What io_uring sends and receives, as the events of the calls that do the same: first datagrams of flows, DNS,
 * descriptors that are handed over, and sends that connect (TCP Fast Open). io_uring/net.c
 *
 * Read when the request is completed. What that does not show any more is kept from when it was submitted: whom a
 * message is for, as the kernel copied it, and its control data.
 */
#ifndef EUNOMIA_RING_MESSAGES_BPF_H
#define EUNOMIA_RING_MESSAGES_BPF_H
#include "kernel-call/ring_requests.bpf.h"
#include "network/datagrams.bpf.h"
#include "network/network.bpf.h"

struct ring_send {
	struct message message;
	__u64 context; /* struct io_ring_ctx, which with user_data is all that an overflow reports */
	__u64 user_data;
	__u64 file; /* struct file that the message goes through; 0 when it is not known */
	__s32 fd;   /* -1 for a file of the ring's own table */
	__u32 number;
	__u32 is_32_bit;
	__u32 pad;
	char address[SOCKADDR_BYTES];
};

/* By the address of struct io_kiocb. As many as ring_requests has. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RING_REQUESTS);
	__type(key, __u64);
	__type(value, struct ring_send);
} ring_sends SEC(".maps");

static __always_inline _Bool has_message_header(__u32 number)
{
	return number == NR_SENDMSG || number == NR_RECVMSG;
}

/* The call that does the same; 0 for another operation. */
static __always_inline __u32 number_of_message(__u32 opcode)
{
	switch (opcode) {
	case IORING_OP_SEND:
	case IORING_OP_SEND_ZC:
		return NR_SENDTO;
	case IORING_OP_SENDMSG:
	case IORING_OP_SENDMSG_ZC:
		return NR_SENDMSG;
	case IORING_OP_RECV:
		return NR_RECVFROM;
	case IORING_OP_RECVMSG:
		return NR_RECVMSG;
	}
	return 0;
}

/* As the memory of the process has it. */
static __always_inline void read_ring_message(struct message *message, struct io_kiocb *request, __u32 number)
{
	struct io_sr_msg *data = (void *)&request->cmd;
	__u64 pointer = (__u64)BPF_CORE_READ(data, buf);

	if (has_message_header(number)) {
		read_msghdr(message, pointer, abi_of_call() == HEADER_COMPAT);
	} else {
		message->buffer = pointer;
		message->size = message->buffer_bytes = (__u32)BPF_CORE_READ(data, len);
		if (bpf_core_field_exists(data->addr) && bpf_core_field_exists(data->addr_len)) {
			message->address = (__u64)BPF_CORE_READ(data, addr);
			message->address_length = BPF_CORE_READ(data, addr_len);
		}
	}
	message->flags = BPF_CORE_READ(data, msg_flags);
}

/* Whom the message is for: the kernel's copy, which it makes when it prepares a request since it keeps no pointer
 * (6.14), else what the process has. */
static __always_inline void read_ring_address(struct ring_send *send, struct io_kiocb *request)
{
	struct io_sr_msg *data = (void *)&request->cmd;
	struct io_async_msghdr *copy = bpf_core_field_exists(data->addr) ? NULL : request->async_data;
	__u64 name = copy ? (__u64)BPF_CORE_READ(copy, msg.msg_name) : 0;

	if (name && name == (__u64)&copy->addr) {
		send->message.address_length = BPF_CORE_READ(copy, msg.msg_namelen);
		bpf_probe_read_kernel(send->address, SOCKADDR_BYTES, (void *)name);
	} else if (send->message.address_length) {
		bpf_probe_read_user(send->address, SOCKADDR_BYTES, (void *)send->message.address);
	}
	send->message.is_address_of_kernel = 1;
}

/* Global as begin_call_record() is. */
__noinline int report_ring_connect(const struct ring_send *send, __u64 sk, __s32 result, __u32 header_flags)
{
	struct socket_event *event;
	struct scratch *scratch;
	__u32 at = sizeof(*event);

	if (!send || call_kind[NR_CONNECT] != KIND_CONNECT) /* the first never; the verifier can't know */
		return 0;
	if (result > 0)
		result = 0;
	if (is_outcome_left_out(KIND_CONNECT, result))
		return suppress(FILTER_OUTCOME, KIND_CONNECT);
	if (is_over_budget(KIND_CONNECT, NR_CONNECT, result))
		return suppress(FILTER_BUDGET, KIND_CONNECT);
	scratch = take_scratch(KIND_CONNECT);
	if (!scratch)
		return lose(TOPIC_NETWORK, KIND_CONNECT);
	event = begin_record(scratch, current_task(), NR_CONNECT, result, KIND_CONNECT);
	event->header.flags |= header_flags | HEADER_FAST_OPEN;
	event->fd = send->fd;
	event->event_flags = SOCKET_IS_CLIENT;
	fill_socket(&event->facts, bpf_core_cast((void *)sk, struct sock));
	at = put_message_address(scratch, at, &send->message, &event->address_length);
	report_socket_record(scratch, KIND_CONNECT, at);
	return settle_connect(sk, result);
}

/* Global as begin_call_record() is. header_flags: how it was made. */
__noinline int report_ring_message(struct ring_send *send, __s32 result, __u32 header_flags)
{
	struct datagram_call call = {.header_flags = header_flags};
	struct file *file;
	struct sock *sk;

	if (!send || !send->file) /* the first never; the verifier can't know */
		return 0;
	file = bpf_core_cast((void *)send->file, struct file);
	call.kind = call_kind[send->number % CALLS_MAX];
	call.sk = socket_address_of(file);
	if (call.kind == KIND_NONE || !call.sk)
		return 0;
	call.inode = file->f_inode->i_ino;
	call.number = send->number;
	call.fd = send->fd;
	call.is_32_bit = send->is_32_bit;
	send->message.result = result;
	if (send->message.is_address_of_kernel)
		send->message.address = (__u64)send->address;
	sk = bpf_core_cast((void *)call.sk, struct sock);
	if (call.kind == KIND_SEND && result > 0 && send->message.control_length)
		on_passed_descriptors(&call, &send->message);
	if (call.kind == KIND_SEND && send->message.flags & MSG_FASTOPEN && is_stream_to_connect(sk))
		return report_ring_connect(send, call.sk, result, header_flags);
	if (!is_datagram(sk) || result == ERROR_AGAIN)
		return suppress(FILTER_INTEREST, call.kind);
	return on_datagram(&call, &send->message);
}

static __always_inline void begin_ring_message(struct ring_send *send, struct io_kiocb *request)
{
	send->number = number_of_message(request->opcode);
	send->is_32_bit = abi_of_call() == HEADER_COMPAT;
	send->context = (__u64)request->ctx;
	send->user_data = request->cqe.user_data;
	send->fd = request->flags & REQ_F_FIXED_FILE ? -1 : request->cqe.fd;
	read_ring_message(&send->message, request, send->number);
}

/* Global as begin_call_record() is. A message was submitted: keeps what its completion will not show, or reports it at
 * once, as done, when no completion is to be seen. */
__noinline int expect_ring_message(__u64 key)
{
	struct io_kiocb *request = bpf_core_cast((void *)key, struct io_kiocb);
	struct ring_send send = {};

	if (call_kind[number_of_message(request->opcode) % CALLS_MAX] != KIND_SEND)
		return 0;
	begin_ring_message(&send, request);
	read_ring_address(&send, request);
	if (!(request->flags & REQ_F_CQE_SKIP)) {
		if (!(send.message.address_length | send.message.control_length) &&
		    !(send.message.flags & MSG_FASTOPEN))
			return 0;
		if (!bpf_map_update_elem(&ring_sends, &key, &send, BPF_ANY)) {
			__sync_fetch_and_add(&ring_requests_waiting, 1);
			return 0;
		}
	}
	send.file = (__u64)file_of(current_task(), send.fd);
	return report_ring_message(&send, send.message.size, HEADER_IO_URING | HEADER_ASSUMED);
}

static __always_inline void forget_ring_send(__u64 key)
{
	if (!bpf_map_delete_elem(&ring_sends, &key))
		__sync_fetch_and_sub(&ring_requests_waiting, 1);
}

/* Global as begin_call_record() is. Another request lies where this one was: it was completed unseen, so did not fail.
 */
__noinline int settle_unseen_message(__u64 key)
{
	struct ring_send *known = bpf_map_lookup_elem(&ring_sends, &key);

	if (!known)
		return 0;
	known->file = (__u64)file_of(current_task(), known->fd);
	report_ring_message(known, known->message.size, HEADER_IO_URING | HEADER_ASSUMED);
	forget_ring_send(key);
	return 0;
}

/* Global as begin_call_record() is. A message was completed; request is 0 when that is not known any more. */
__noinline int settle_ring_message(__u64 key, __s32 result, __u64 request)
{
	struct io_kiocb *completed = bpf_core_cast((void *)request, struct io_kiocb);
	struct ring_send *known = bpf_map_lookup_elem(&ring_sends, &key), send = {};
	__u32 kind, filter;

	if (!known && !request)
		return 0;
	kind = known ? KIND_SEND : call_kind[number_of_message(completed->opcode) % CALLS_MAX];
	filter = filter_of_call(kind, result);
	if (kind == KIND_NONE || filter != FILTER_NONE) {
		forget_ring_send(key);
		return kind == KIND_NONE ? 0 : suppress(filter, kind);
	}
	if (known) {
		known->file = request ? (__u64)completed->file : (__u64)file_of(current_task(), known->fd);
		report_ring_message(known, result, HEADER_IO_URING);
		forget_ring_send(key);
		return 0;
	}
	begin_ring_message(&send, completed);
	send.file = (__u64)completed->file;
	return report_ring_message(&send, result, HEADER_IO_URING);
}

#endif
