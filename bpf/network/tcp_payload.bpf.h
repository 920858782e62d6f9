/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Payload of a TCP connection. The counters of TCP count sequence numbers, of which SYN and FIN have one each:
 * bytes_acked has the SYN of the side that connected (tcp_ack() in tcp_rcv_synsent_state_process()), and the FIN once
 * it was acknowledged; bytes_received has the FIN of the other side (tcp_rcv_nxt_update()), after which tcp_fin() sets
 * SOCK_DONE.
 */
#ifndef EUNOMIA_TCP_PAYLOAD_BPF_H
#define EUNOMIA_TCP_PAYLOAD_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/socket.h"
#include "network/socket_facts.bpf.h"

/* Bytes that the other side acknowledged. @param state of the connection; at its end that before */
static __always_inline __u64 payload_sent(struct sock *sk, int state, _Bool is_server)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	_Bool has_sent_fin = state != TCP_ESTABLISHED && state != TCP_SYN_RECV && state != TCP_CLOSE_WAIT;
	__u64 sent = BPF_CORE_READ(tcp, bytes_acked);

	if (!is_server && sent)
		sent--;
	if (has_sent_fin && sent && BPF_CORE_READ(tcp, snd_una) == BPF_CORE_READ(tcp, write_seq))
		sent--;
	return sent;
}

static __always_inline __u64 payload_received(struct sock *sk)
{
	__u64 received = BPF_CORE_READ((struct tcp_sock *)sk, bytes_received);

	if ((sk->__sk_common.skc_flags & (1UL << bpf_core_enum_value(enum sock_flags, SOCK_DONE))) && received)
		received--;
	return received;
}

#endif
