/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Puts struct socket_event of a call and what follows it into the scratch: address, unix name. */
#ifndef EUNOMIA_SOCKET_RECORD_BPF_H
#define EUNOMIA_SOCKET_RECORD_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel-call/call_texts.bpf.h"
#include "kernel-call/call_record.bpf.h"
#include "record/header.bpf.h"
#include "network/messages.bpf.h"
#include "network/socket_facts.bpf.h"
#include "network/unix_name.bpf.h"

static __always_inline struct socket_event *begin_record(struct scratch *scratch, struct task_struct *task,
							 __u32 number, long result, __u32 kind)
{
	struct socket_event *event = (void *)scratch->bytes;

	__builtin_memset(event, 0, sizeof(*event));
	begin_call_record(kind);
	event->header.syscall = number;
	event->header.result = result;
	event->fd = -1;
	return event;
}

/* Bytes of the caller's memory; none when they are not there. */
static __always_inline __u32 put_user_bytes(struct scratch *scratch, __u32 at, __u64 from, __u64 length, __u32 max,
					    __u32 *put)
{
	__u32 bytes = length > max ? max : length;

	*put = 0;
	barrier_var(at);
	barrier_var(bytes);
	if (!from || at > SCRATCH_BYTES - PAYLOAD_MAX || bytes == 0 || bytes > max)
		return at;
	if (bpf_probe_read_user(scratch->bytes + at, bytes, (void *)from))
		return at;
	*put = bytes;
	return at + bytes;
}

static __always_inline __u32 put_address(struct scratch *scratch, __u32 at, __u64 address, __u32 length, __u32 *put)
{
	return put_user_bytes(scratch, at, address, length, SOCKADDR_BYTES, put);
}

/* The same of a message, whose address may be a copy in the kernel. */
static __always_inline __u32 put_message_address(struct scratch *scratch, __u32 at, const struct message *message,
						 __u32 *put)
{
	__u32 bytes = message->address_length;

	if (!message->is_address_of_kernel)
		return put_address(scratch, at, message->address, bytes, put);
	*put = 0;
	barrier_var(at);
	barrier_var(bytes);
	if (at > SCRATCH_BYTES - PAYLOAD_MAX || bytes == 0 || bytes > SOCKADDR_BYTES)
		return at;
	bpf_probe_read_kernel(scratch->bytes + at, bytes, (void *)message->address);
	*put = bytes;
	return at + bytes;
}

#endif
