/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * State of sockets between their events: of a TCP connection who made it and when, of a datagram socket what
 * went through it, and which flows were reported. The maps are LRU, so they never refuse: a connection that was pushed
 * out is closed without an event (counted as suppressed), a flow that was pushed out is reported again. Keys hold the
 * address of a struct sock; the cookie, or the inode, distinguishes it from an earlier socket at the same place.
 */
#ifndef EUNOMIA_SOCKET_HISTORY_BPF_H
#define EUNOMIA_SOCKET_HISTORY_BPF_H
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
#include "record/event.h"
#include "record/header.bpf.h"
#include "kernel/socket.h"

/* The loader sets the size of the three maps. */
#define HISTORY_ENTRIES 65536

/* connection.progress */
enum connection_progress {
	PROGRESS_IN_THE_BACKGROUND = 1 << 0, /* connect returned before its end */
	PROGRESS_ESTABLISHED = 1 << 1,
	PROGRESS_FAILED = 1 << 2,
};

struct connection {
	struct event_header maker; /* the call, or the task that began to connect */
	__u64 cookie;
	__u64 begin_ns; /* boot time, as the next */
	__u64 established_ns;
	__u32 progress;	 /* enum connection_progress, changed atomically */
	__s32 error;	 /* negative errno, with PROGRESS_FAILED */
	__u32 is_server; /* accepted */
	__u32 is_dns;	 /* counted in dns_streams */
	/* as connect set it: a connect that failed has taken it from the socket again */
	__u8 remote[ADDRESS_BYTES];
	__u32 remote_port;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HISTORY_ENTRIES);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

/* Connections from and to port 53. One that is pushed out of the map stays counted: that costs, and hides nothing. */
__u32 dns_streams SEC(".data.dns") = 0;

static __always_inline void keep_connection(__u64 key, struct connection *connection, _Bool is_dns)
{
	struct connection *known = bpf_map_lookup_elem(&connections, &key);
	_Bool was_dns = known && known->is_dns;

	connection->is_dns = is_dns;
	if (bpf_map_update_elem(&connections, &key, connection, BPF_ANY))
		return;
	if (is_dns && !was_dns)
		__sync_fetch_and_add(&dns_streams, 1);
	if (was_dns && !is_dns)
		__sync_fetch_and_sub(&dns_streams, 1);
}

static __always_inline void forget_connection(__u64 key, struct connection *connection)
{
	_Bool is_dns = connection->is_dns;

	if (!bpf_map_delete_elem(&connections, &key) && is_dns)
		__sync_fetch_and_sub(&dns_streams, 1);
}

/* What went through an IPv4 or IPv6 socket that is not TCP. */
struct datagrams {
	__u64 inode;
	__u64 begin_ns;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u64 packets_sent;
	__u64 packets_received;
	__u32 is_server; /* it received before it sent or connected */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HISTORY_ENTRIES);
	__type(key, __u64);
	__type(value, struct datagrams);
} datagram_sockets SEC(".maps");

/* A flow is a socket, a remote address and a direction; what fails is a flow of its own for each errno. */
struct flow {
	__u64 socket;
	__u64 inode;
	__u8 remote[ADDRESS_BYTES];
	__u16 remote_port;
	__u16 is_receive;
	__s32 error;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HISTORY_ENTRIES);
	__type(key, struct flow);
	__type(value, __u8);
} flows SEC(".maps");

/* False for a flow that was reported before. Of two threads at the same time, one is first. */
static __always_inline _Bool is_first_of_flow(const struct flow *flow)
{
	__u8 reported = 1;

	if (bpf_map_lookup_elem(&flows, flow))
		return 0;
	return bpf_map_update_elem(&flows, flow, &reported, BPF_NOEXIST) != -17 /* EEXIST */;
}

/* The history of a datagram socket, begun when there is none. @param is_server when it is begun */
static __always_inline struct datagrams *datagrams_of(__u64 socket, __u64 inode, _Bool is_server)
{
	struct datagrams *known = bpf_map_lookup_elem(&datagram_sockets, &socket);
	struct datagrams fresh = {.inode = inode, .begin_ns = bpf_ktime_get_boot_ns(), .is_server = is_server};

	if (known && known->inode == inode)
		return known;
	bpf_map_update_elem(&datagram_sockets, &socket, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&datagram_sockets, &socket);
}

static __always_inline __u32 side_flag(_Bool is_server)
{
	return is_server ? SOCKET_IS_SERVER : SOCKET_IS_CLIENT;
}

/* Header of an event that no call made: of the process that made the connection, at this time. */
static __always_inline void fill_maker(struct event_header *header, __u32 kind, const struct connection *connection)
{
	*header = connection->maker;
	header->kind = kind;
	header->cpu = bpf_get_smp_processor_id();
	header->boot_ns = bpf_ktime_get_boot_ns();
	header->tid = 0;
	header->syscall = NO_SYSCALL;
	header->result = 0;
}

/* The end of a connect that went on in the background, by whichever came second: the return of connect or the end. */
static __always_inline void fill_connect_end(struct socket_event *event, const struct connection *connection)
{
	_Bool has_failed = connection->progress & PROGRESS_FAILED;

	fill_maker(&event->header, KIND_CONNECT, connection);
	event->header.result = has_failed ? connection->error : 0;
	event->fd = -1;
	event->event_flags = SOCKET_IS_CLIENT;
	if (!has_failed) {
		event->duration_ns = connection->established_ns - connection->begin_ns;
		event->event_flags |= SOCKET_HAS_DURATION;
	}
}

#endif
