/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The datagram of a send or receive call, as its arguments and the caller's memory have it when the call returns:
 * struct msghdr, iovec and mmsghdr of the native and of the 32-bit ABI (include/linux/socket.h, include/net/compat.h).
 */
#ifndef EUNOMIA_MESSAGES_BPF_H
#define EUNOMIA_MESSAGES_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel/call_numbers.h"
#include "kernel-call/syscall.bpf.h"

/* struct sockaddr_storage: no call takes or returns a longer address. */
#define SOCKADDR_BYTES 128
/* Buffers of a message whose lengths are added up. */
#define BUFFERS_MAX    8

struct message {
	__u64 address;
	__u64 buffer; /* the first one */
	__u64 buffer_bytes;
	__u64 second; /* the next one */
	__u64 second_bytes;
	__u64 size;    /* of all buffers, of the first BUFFERS_MAX */
	__u64 control; /* control data, in the caller's memory */
	__u64 control_length;
	__u32 address_length;
	__u32 flags;
	__s32 result; /* bytes, or a negative errno */
	__u32 is_address_of_kernel;
};

struct user_msghdr_64 {
	__u64 name;
	__u32 name_length;
	__u32 pad;
	__u64 buffers;
	__u64 buffer_count;
	__u64 control;
	__u64 control_length;
	__u32 flags;
	__u32 pad2;
};
struct user_mmsghdr_64 {
	struct user_msghdr_64 header;
	__u32 length;
	__u32 pad;
};
struct user_iovec_64 {
	__u64 base;
	__u64 length;
};
struct user_msghdr_32 {
	__u32 name;
	__u32 name_length;
	__u32 buffers;
	__u32 buffer_count;
	__u32 control;
	__u32 control_length;
	__u32 flags;
};
struct user_mmsghdr_32 {
	struct user_msghdr_32 header;
	__u32 length;
};
struct user_iovec_32 {
	__u32 base;
	__u32 length;
};

static __always_inline void read_buffers(struct message *message, __u64 buffers, __u64 count, _Bool is_32_bit)
{
	struct user_iovec_64 buffer = {};
	struct user_iovec_32 small = {};

	for (__u32 i = 0; i < BUFFERS_MAX; i++) {
		if (i >= count)
			break;
		if (is_32_bit) {
			bpf_probe_read_user(&small, sizeof(small), (void *)(buffers + i * sizeof(small)));
			buffer.base = small.base;
			buffer.length = small.length;
		} else {
			bpf_probe_read_user(&buffer, sizeof(buffer), (void *)(buffers + i * sizeof(buffer)));
		}
		if (i == 0) {
			message->buffer = buffer.base;
			message->buffer_bytes = buffer.length;
		}
		if (i == 1) {
			message->second = buffer.base;
			message->second_bytes = buffer.length;
		}
		message->size += buffer.length;
	}
}

/* Reads the message header at `header`; the caller fills in result and flags. Global: see on_socket_call(). */
__noinline int read_msghdr(struct message *message, __u64 header, __u32 is_32_bit)
{
	struct user_msghdr_64 read = {};
	struct user_msghdr_32 small = {};

	if (!message) /* never; the verifier can't know */
		return 0;
	if (is_32_bit) {
		bpf_probe_read_user(&small, sizeof(small), (void *)header);
		message->address = small.name;
		message->address_length = small.name_length;
		message->control = small.control;
		message->control_length = small.control_length;
		read_buffers(message, small.buffers, small.buffer_count, 1);
		return 0;
	}
	bpf_probe_read_user(&read, sizeof(read), (void *)header);
	message->address = read.name;
	message->address_length = read.name_length;
	message->control = read.control;
	message->control_length = read.control_length;
	read_buffers(message, read.buffers, read.buffer_count, 0);
	return 0;
}

/* include/linux/socket.h, and struct cmsghdr of both layouts. */
#define SOL_SOCKET	 1
#define SCM_RIGHTS	 1
/* Headers of control data that are read: a message has one of SCM_RIGHTS at most. */
#define CONTROL_HEADERS	 4
#define DESCRIPTOR_BYTES 4

struct user_control_64 {
	__u64 length;
	__s32 level;
	__s32 type;
};
struct user_control_32 {
	__u32 length;
	__s32 level;
	__s32 type;
};

/* Global: see on_socket_call(). Descriptors that a message hands over, as the caller's memory has it after the call. */
__noinline int descriptors_passed(const struct message *message, __u32 is_32_bit)
{
	__u64 at, end, step, fixed = is_32_bit ? sizeof(struct user_control_32) : sizeof(struct user_control_64);
	struct user_control_64 header = {};
	struct user_control_32 small = {};

	if (!message) /* never; the verifier can't know */
		return 0;
	at = message->control;
	end = at + message->control_length;
	for (__u32 i = 0; i < CONTROL_HEADERS; i++) {
		if (!at || at + fixed > end)
			return 0;
		if (is_32_bit) {
			bpf_probe_read_user(&small, sizeof(small), (void *)at);
			header.length = small.length;
			header.level = small.level;
			header.type = small.type;
		} else if (bpf_probe_read_user(&header, sizeof(header), (void *)at)) {
			return 0;
		}
		if (header.length < fixed)
			return 0;
		if (header.level == SOL_SOCKET && header.type == SCM_RIGHTS)
			return (header.length - fixed) / DESCRIPTOR_BYTES;
		step = is_32_bit ? 4 : 8;
		at += (header.length + step - 1) & ~(step - 1);
	}
	return 0;
}

/* Message `index` of sendmmsg and recvmmsg, with its own length. */
static __always_inline void read_mmsghdr(struct message *message, __u64 headers, __u32 index, _Bool is_32_bit)
{
	__u64 at =
		headers + (__u64)index * (is_32_bit ? sizeof(struct user_mmsghdr_32) : sizeof(struct user_mmsghdr_64));
	__u64 count_at = is_32_bit ? sizeof(struct user_msghdr_32) : sizeof(struct user_msghdr_64);
	__u32 length = 0;

	read_msghdr(message, at, is_32_bit);
	bpf_probe_read_user(&length, sizeof(length), (void *)(at + count_at));
	message->result = length;
}

/* sendto, recvfrom: fd, buffer, length, flags, address, its length (for recvfrom a pointer to it). */
static __always_inline void read_buffer_call(struct message *message, const struct syscall *call)
{
	message->buffer = call->args[1];
	message->buffer_bytes = call->args[2];
	message->size = call->args[2];
	message->flags = call->args[3];
	message->address = call->args[4];
	message->result = call->result;
	if (call->number == NR_SENDTO)
		message->address_length = call->args[5];
	else if (call->args[4])
		bpf_probe_read_user(&message->address_length, sizeof(message->address_length), (void *)call->args[5]);
}

#endif
