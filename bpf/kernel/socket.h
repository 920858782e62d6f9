/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of sockets. */
#ifndef EUNOMIA_KERNEL_SOCKET_H
#define EUNOMIA_KERNEL_SOCKET_H
#include "kernel/begin.h"

struct in6_addr {
	struct {
		__u8 u6_addr8[16];
	} in6_u;
};

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport; /* network order */
	__u16 skc_num;	 /* host order */
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned long skc_flags;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
	__u8 sk_shutdown;
	int sk_err;
};

/* include/net/sock.h: bits of skc_flags. */
enum sock_flags {
	SOCK_DONE = 1,
};

struct inet_sock {
	__u16 inet_sport; /* network order */
};

struct tcp_sock {
	__u32 srtt_us; /* eighths of a microsecond */
	__u32 snd_una;
	__u32 write_seq;
	__u32 segs_in;
	__u32 segs_out;
	__u64 bytes_received;
	__u64 bytes_acked;
	__u32 total_retrans;
};

struct sockaddr_un {
	unsigned short sun_family;
};

struct unix_address {
	int len; /* of name, with the family in front */
	struct sockaddr_un name[1];
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};

struct socket {
	struct sock *sk;
};

#include "kernel/end.h"
#endif
