/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What records of several kinds say of a socket (event.h). */
#ifndef EUNOMIA_SOCKET_FACTS_H
#define EUNOMIA_SOCKET_FACTS_H
#include <linux/types.h>

#define ADDRESS_BYTES 16

/* socket_facts.flags */
enum socket_flags {
	SOCKET_IS_KNOWN = 1 << 0,
};

/* 56 bytes. What the kernel knows of a socket; all 0 when there is none. */
struct socket_facts {
	__u64 cookie;		    /*  0 sk_cookie; 0 when it was never requested */
	__u8 remote[ADDRESS_BYTES]; /*  8 IPv4 in the first 4 bytes */
	__u8 local[ADDRESS_BYTES];  /* 24 */
	__u16 remote_port;	    /* 40 */
	__u16 local_port;	    /* 42 */
	__u16 family;		    /* 44 AF_* */
	__u16 type;		    /* 46 SOCK_* */
	__u16 protocol;		    /* 48 IPPROTO_* */
	__u8 state;		    /* 50 TCP_*, also of other protocols */
	__u8 flags;		    /* 51 enum socket_flags */
	__u32 pad;		    /* 52 */
};

#endif
