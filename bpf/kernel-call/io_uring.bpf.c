// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * KIND_IO_URING of no system call: operations that io_uring runs, which sys_exit never sees. io_submit_sqe() in
 * io_uring/io_uring.c: in the process that submits, or in the thread of its ring that polls for it. The kernel has
 * copied names by then, so what is read is what it will use; the address of a connect is read from the caller's memory.
 * Reported when they are submitted, with EINPROGRESS; and those that a system call does, too, once more as that call
 * when they are completed (ring_requests.bpf.h). What else io_uring does is counted as suppressed. The request is an
 * argument of the tracepoint since 6.0.
 */
#include <asm-generic/errno.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel-call/call_record.bpf.h"
#include "kernel-call/call_texts.bpf.h"
#include "kernel/core_fixes.bpf.h"
#include "record/emit.bpf.h"
#include "record/filters.bpf.h"
#include "kernel/io_uring.h"
#include "kernel-call/ring_messages.bpf.h"
#include "kernel-call/ring_requests.bpf.h"
#include "network/socket_facts.bpf.h"

/* struct sockaddr_in and struct sockaddr_in6, as far as they are read. */
struct socket_address {
	__u16 family;
	__be16 port;
	__u8 ipv4[4]; /* flow information of IPv6 */
	__u8 ipv6[ADDRESS_BYTES];
};
#define IPV4_ADDRESS_READ_BYTES 8

/* Names of an operation: of the kernel's memory. */
struct operation_names {
	struct filename *first;
	struct filename *second;
	__s32 folder;
};

static __always_inline void fill_address(struct socket_facts *socket, const void *from)
{
	struct socket_address address = {};

	if (bpf_probe_read_user(&address, IPV4_ADDRESS_READ_BYTES, from))
		return;
	socket->flags = SOCKET_IS_KNOWN;
	socket->family = address.family;
	socket->remote_port = bpf_ntohs(address.port);
	if (address.family == AF_INET) {
		__builtin_memcpy(socket->remote, address.ipv4, sizeof(address.ipv4));
	} else if (address.family == AF_INET6) {
		bpf_probe_read_user(&address, sizeof(address), from);
		__builtin_memcpy(socket->remote, address.ipv6, ADDRESS_BYTES);
	}
}

/* Operations that are recorded. Of sockets that are created or wait for connections, only that it was done. */
static __always_inline _Bool is_reported(__u32 opcode)
{
	switch (opcode) {
	case IORING_OP_ACCEPT:
	case IORING_OP_CONNECT:
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
	case IORING_OP_RENAMEAT:
	case IORING_OP_UNLINKAT:
	case IORING_OP_MKDIRAT:
	case IORING_OP_SYMLINKAT:
	case IORING_OP_LINKAT:
	case IORING_OP_SOCKET:
	case IORING_OP_URING_CMD:
	case IORING_OP_SETXATTR:
	case IORING_OP_FSETXATTR:
	case RING_OP_FTRUNCATE:
	case RING_OP_BIND:
	case RING_OP_LISTEN:
		return 1;
	}
	return 0;
}

static __always_inline void find_names(struct operation_names *names, __u32 opcode, void *data)
{
	struct io_open *open = data;
	struct io_unlink *unlink = data;
	struct io_mkdir *mkdir = data;
	struct io_link *link = data;
	struct io_rename *rename = data;

	switch (opcode) {
	case IORING_OP_SETXATTR:
		names->folder = AT_FDCWD;
		names->first = IO_URING_NAME(data, io_xattr, filename);
		break;
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		names->folder = BPF_CORE_READ(open, dfd);
		names->first = IO_URING_NAME(data, io_open, filename);
		break;
	case IORING_OP_UNLINKAT:
		names->folder = BPF_CORE_READ(unlink, dfd);
		names->first = IO_URING_NAME(data, io_unlink, filename);
		break;
	case IORING_OP_MKDIRAT:
		names->folder = BPF_CORE_READ(mkdir, dfd);
		names->first = IO_URING_NAME(data, io_mkdir, filename);
		break;
	case IORING_OP_LINKAT:
		names->folder = BPF_CORE_READ(link, old_dfd);
		names->first = IO_URING_NAME(data, io_link, oldpath);
		names->second = IO_URING_NAME(data, io_link, newpath);
		break;
	case IORING_OP_SYMLINKAT: /* the target is the old path; the link itself is the new one */
		names->folder = BPF_CORE_READ(link, new_dfd);
		names->first = IO_URING_NAME(data, io_link, newpath);
		names->second = IO_URING_NAME(data, io_link, oldpath);
		break;
	case IORING_OP_RENAMEAT:
		names->folder = BPF_CORE_READ(rename, old_dfd);
		names->first = IO_URING_NAME(data, io_rename, oldpath);
		names->second = IO_URING_NAME(data, io_rename, newpath);
		break;
	}
}

/* Global as begin_call_record() is. KIND_IO_URING of a request that was submitted. */
__noinline int report_submission(__u64 address)
{
	struct io_kiocb *request = bpf_core_cast((void *)address, struct io_kiocb);
	struct task_struct *task = current_task();
	__u32 opcode = request->opcode;
	struct operation_names *names;
	struct kernel_call_event *event;
	struct scratch *scratch;
	const char *name;
	__u32 at = sizeof(*event);
	char first = 0;

	if (is_over_budget(KIND_IO_URING, opcode, 0))
		return suppress(FILTER_BUDGET, KIND_IO_URING);
	scratch = take_scratch(KIND_IO_URING);
	if (!scratch)
		return lose(TOPIC_KERNEL, KIND_IO_URING);
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	begin_call_record(KIND_IO_URING);
	event->header.flags |= HEADER_IO_URING;
	event->header.result = -EINPROGRESS;
	event->result = -EINPROGRESS;
	event->args[0] = opcode;
	_Static_assert(sizeof(*names) <= sizeof(scratch->call), "what is read of a call has its room");
	names = (void *)scratch->call;
	__builtin_memset(names, 0, sizeof(*names));
	find_names(names, opcode, (void *)&request->cmd);
	if (opcode == IORING_OP_CONNECT)
		fill_address(&event->socket, BPF_CORE_READ((struct io_connect *)&request->cmd, addr));
	if (names->first) {
		name = bpf_core_cast(names->first, struct filename)->name;
		bpf_probe_read_kernel(&first, sizeof(first), name);
		at = put_base_of(scratch, at, task, names->folder, first, &event->text_flags, PLACE_OF_PATH);
		event->path_length = at - sizeof(*event);
		at = put_kernel_name(scratch, at, name, &event->argument_length);
	}
	if (names->second)
		at = put_kernel_name(scratch, at, bpf_core_cast(names->second, struct filename)->name,
				     &event->name_length);
	at = put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
	return emit_security(TOPIC_KERNEL, KIND_IO_URING, &event->header, at);
}

/* An argument of the tracepoint as a number, which global functions take. */
static __always_inline __u64 argument_of(unsigned long long *context, __u32 index)
{
	__u64 argument = 0;

	bpf_probe_read_kernel(&argument, sizeof(argument), context + index);
	return argument;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(ring_submitted, struct io_kiocb *request)
{
	__u32 opcode = bpf_core_cast(request, struct io_kiocb)->opcode;
	__u32 filter = filter_of_task(current_task());
	__u64 address = argument_of(ctx, 0);

	if (filter != FILTER_NONE)
		return suppress(filter, KIND_IO_URING);
	if (is_reported(opcode))
		report_submission(address);
	else
		suppress(FILTER_INTEREST, KIND_IO_URING);
	if (ring_requests_waiting) {
		settle_unseen(address);
		settle_unseen_message(address);
	}
	return number_of_message(opcode) ? expect_ring_message(address) : expect_ring_request(address);
}

/* io_fill_cqe_req() in io_uring/io_uring.h: in the process that submitted, or in a thread that works for its ring. */
SEC("tp_btf/io_uring_complete")
int ring_completed(unsigned long long *context)
{
	__u64 request = argument_of(context, 1);

	if (number_of_message(bpf_core_cast((void *)request, struct io_kiocb)->opcode))
		return settle_ring_message(request, result_of_completion(context), request);
	if (!ring_requests_waiting)
		return 0;
	return settle_ring_request(request, result_of_completion(context), request);
}

struct ring_search {
	__u64 context;
	__u64 user_data;
	__u64 key;
};

static long find_overflowed(void *map, __u64 *key, struct ring_request *request, struct ring_search *search)
{
	if (request->facts.context != search->context || request->facts.user_data != search->user_data)
		return 0;
	search->key = *key;
	return 1;
}

static long find_overflowed_send(void *map, __u64 *key, struct ring_send *send, struct ring_search *search)
{
	if (send->context != search->context || send->user_data != search->user_data)
		return 0;
	search->key = *key;
	return 1;
}

/* io_cqring_event_overflow() in io_uring/io_uring.c: the completion waits outside of its full queue, and the other
 * tracepoint never shows it. Of requests with the same user_data any one is taken: each is reported once. */
SEC("tp_btf/io_uring_cqe_overflow")
int ring_overflowed(unsigned long long *context)
{
	struct ring_search search = {};

	if (!ring_requests_waiting)
		return 0;
	search.context = argument_of(context, 0);
	search.user_data = argument_of(context, 1);
	bpf_for_each_map_elem(&ring_requests, find_overflowed, &search, 0);
	if (search.key)
		return settle_ring_request(search.key, argument_of(context, 2), 0);
	bpf_for_each_map_elem(&ring_sends, find_overflowed_send, &search, 0);
	return search.key ? settle_ring_message(search.key, argument_of(context, 2), 0) : 0;
}
