/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Fills struct socket_facts: family, type, both addresses and ports, state. */
#ifndef EUNOMIA_SOCKET_FACTS_BPF_H
#define EUNOMIA_SOCKET_FACTS_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "kernel/file.h"
#include "kernel/socket.h"

/* include/linux/socket.h, include/uapi/linux/stat.h */
#define AF_INET		2
#define AF_INET6	10
#define S_IFMT		00170000
#define S_IFSOCK	0140000
/* include/linux/net.h, include/net/tcp_states.h */
#define SOCK_STREAM	1
#define SOCK_SEQPACKET	5
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT	2
#define TCP_SYN_RECV	3
#define TCP_FIN_WAIT1	4
#define TCP_CLOSE	7
#define TCP_CLOSE_WAIT	8
#define TCP_LAST_ACK	9
#define TCP_LISTEN	10

static __always_inline _Bool is_ip(__u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

static __always_inline void fill_socket(struct socket_facts *facts, struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	facts->flags = SOCKET_IS_KNOWN;
	facts->cookie = common->skc_cookie.counter;
	facts->family = common->skc_family;
	facts->type = sk->sk_type;
	facts->protocol = sk->sk_protocol;
	facts->state = common->skc_state;
	if (facts->family != AF_INET && facts->family != AF_INET6)
		return;
	facts->remote_port = bpf_ntohs(common->skc_dport);
	facts->local_port = common->skc_num;
	if (facts->family == AF_INET) {
		__builtin_memcpy(facts->remote, &common->skc_daddr, sizeof(common->skc_daddr));
		__builtin_memcpy(facts->local, &common->skc_rcv_saddr, sizeof(common->skc_rcv_saddr));
	} else {
		bpf_probe_read_kernel(facts->remote, ADDRESS_BYTES, &common->skc_v6_daddr);
		bpf_probe_read_kernel(facts->local, ADDRESS_BYTES, &common->skc_v6_rcv_saddr);
	}
}

/* The address of the socket behind a file, as a number: what the verifier knows as a pointer is no argument of a global
 * function. 0 for any other file. */
static __always_inline __u64 socket_address_of(struct file *file)
{
	struct socket *socket = file->private_data;
	struct sock *sk = NULL;

	if ((file->f_inode->i_mode & S_IFMT) != S_IFSOCK)
		return 0;
	bpf_core_read(&sk, sizeof(sk), &socket->sk);
	return (__u64)sk;
}

/* The socket behind a file; null for any other file. sock_from_file() in net/socket.c, by the kind of the inode. */
static __always_inline struct sock *socket_of(struct file *file)
{
	struct socket *socket;

	if ((file->f_inode->i_mode & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = bpf_core_cast(file->private_data, struct socket);
	return socket->sk ? bpf_core_cast(socket->sk, struct sock) : NULL;
}

#endif
