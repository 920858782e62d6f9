/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Kernel types of sockets. */
#ifndef EUNOMIA_KERNEL_SOCKET_H
#define EUNOMIA_KERNEL_SOCKET_H
#include "begin.h"

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
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
};

struct socket {
	struct sock *sk;
};

#include "end.h"
#endif
