/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The name of a unix socket, from the kernel. */
#ifndef EUNOMIA_UNIX_NAME_BPF_H
#define EUNOMIA_UNIX_NAME_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/socket.h"
#include "record/maps.bpf.h"

#define AF_UNIX	       1
/* include/uapi/linux/un.h */
#define SUN_PATH_BYTES 108

/* The name of the peer where it has one, else the socket's own: of an accepted socket that is the listener's. */
static __always_inline __u32 put_unix_name(struct scratch *scratch, __u32 at, struct sock *sk, __u32 *put)
{
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
	*put = length;
	return at + length;
}

#endif
