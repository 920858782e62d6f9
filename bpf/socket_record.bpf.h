/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Puts struct socket_event of a call and what stands behind it into the scratch: address, unix name. */
#ifndef EUNOMIA_SOCKET_RECORD_BPF_H
#define EUNOMIA_SOCKET_RECORD_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "call_texts.bpf.h"
#include "call_record.bpf.h"
#include "header.bpf.h"
#include "messages.bpf.h"
#include "socket_facts.bpf.h"

#define AF_UNIX	       1
/* include/uapi/linux/un.h */
#define SUN_PATH_BYTES 108

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

/* The name of the peer where it has one, else the socket's own: of an accepted socket that is the listener's. */
static __always_inline __u32 put_unix_name(struct scratch *scratch, __u32 at, struct sock *sk)
{
	struct socket_event *event = (void *)scratch->bytes;
	struct unix_sock *self = bpf_core_cast(sk, struct unix_sock), *peer;
	struct unix_address *name = NULL;
	__u32 length;

	if (sk->__sk_common.skc_family != AF_UNIX)
		return at;
	if (self->peer) {
		peer = bpf_core_cast(self->peer, struct unix_sock);
		name = peer->addr;
	}
	if (!name)
		name = self->addr;
	if (!name)
		return at;
	name = bpf_core_cast(name, struct unix_address);
	length = name->len - sizeof(unsigned short);
	barrier_var(at);
	barrier_var(length);
	if (at > SCRATCH_BYTES - PAYLOAD_MAX || length == 0 || length > SUN_PATH_BYTES)
		return at;
	if (bpf_probe_read_kernel(scratch->bytes + at, length, (char *)&name->name[0] + sizeof(unsigned short)))
		return at;
	event->unix_length = length;
	return at + length;
}

#endif
