// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * KIND_IO_URING of no system call: operations that io_uring runs, which sys_exit never sees. io_submit_sqe() in
 * io_uring/io_uring.c has copied the names of a request by then, so what is read is what the kernel will use; the
 * tracepoint of its completion has the result. Both since 5.17 or before; the request is an argument since 6.0.
 * What else io_uring does (reads, writes, polls) moves data of descriptors that were opened before: counted as
 * suppressed.
 */
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "call_texts.bpf.h"
#include "emit.bpf.h"
#include "header.bpf.h"
#include "kernel/io_uring.h"
#include "socket_facts.bpf.h"

/* Longer names are cut, and say so. */
#define NAME_BYTES     512
/* Requests that are under way; one more is lost, and counted. */
#define OPERATIONS_MAX 2048

/* struct sockaddr_in and struct sockaddr_in6, as far as they are read. */
struct socket_address {
	__u16 family;
	__be16 port;
	__u8 ipv4[4]; /* flow information of IPv6 */
	__u8 ipv6[ADDRESS_BYTES];
};
#define IPV4_ADDRESS_BYTES 8

/* What is kept of a request from its submission to its completion. */
struct ring_operation {
	__u32 opcode;
	__s32 folder;
	__u32 argument_length;
	__u32 name_length;
	__u32 text_flags;
	__u16 family;
	__u16 port;
	__u8 address[ADDRESS_BYTES];
	char argument[NAME_BYTES];
	char name[NAME_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, OPERATIONS_MAX);
	__type(key, __u64);
	__type(value, struct ring_operation);
} ring_operations SEC(".maps");

static __always_inline __u32 copy_name(struct ring_operation *operation, char *to, struct filename *from)
{
	long length;

	if (!from)
		return 0;
	length = bpf_probe_read_kernel_str(to, NAME_BYTES, bpf_core_cast(from, struct filename)->name);
	if (length == NAME_BYTES)
		operation->text_flags |= TEXT_ARGUMENT_TRUNCATED;
	return length > 0 ? length - 1 : 0;
}

static __always_inline void copy_address(struct ring_operation *operation, const void *from)
{
	struct socket_address address = {};

	bpf_probe_read_user(&address, IPV4_ADDRESS_BYTES, from);
	operation->family = address.family;
	operation->port = bpf_ntohs(address.port);
	if (address.family == AF_INET) {
		__builtin_memcpy(operation->address, address.ipv4, sizeof(address.ipv4));
	} else if (address.family == AF_INET6) {
		bpf_probe_read_user(&address, sizeof(address), from);
		__builtin_memcpy(operation->address, address.ipv6, ADDRESS_BYTES);
	}
}

/* False for operations that are not told. */
static __always_inline _Bool fill_operation(struct ring_operation *operation, struct io_kiocb *request)
{
	void *data = (void *)&request->cmd;
	struct io_open *open = data;
	struct io_unlink *unlink = data;
	struct io_mkdir *mkdir = data;
	struct io_link *link = data;
	struct io_rename *rename = data;

	switch (operation->opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		operation->folder = BPF_CORE_READ(open, dfd);
		operation->argument_length = copy_name(operation, operation->argument, BPF_CORE_READ(open, filename));
		return 1;
	case IORING_OP_UNLINKAT:
		operation->folder = BPF_CORE_READ(unlink, dfd);
		operation->argument_length = copy_name(operation, operation->argument, BPF_CORE_READ(unlink, filename));
		return 1;
	case IORING_OP_MKDIRAT:
		operation->folder = BPF_CORE_READ(mkdir, dfd);
		operation->argument_length = copy_name(operation, operation->argument, BPF_CORE_READ(mkdir, filename));
		return 1;
	case IORING_OP_LINKAT:
		operation->folder = BPF_CORE_READ(link, old_dfd);
		operation->argument_length = copy_name(operation, operation->argument, BPF_CORE_READ(link, oldpath));
		operation->name_length = copy_name(operation, operation->name, BPF_CORE_READ(link, newpath));
		return 1;
	case IORING_OP_SYMLINKAT: /* the target is the old path; the link itself is the new one */
		operation->folder = BPF_CORE_READ(link, new_dfd);
		operation->argument_length = copy_name(operation, operation->argument, BPF_CORE_READ(link, newpath));
		operation->name_length = copy_name(operation, operation->name, BPF_CORE_READ(link, oldpath));
		return 1;
	case IORING_OP_RENAMEAT:
		operation->folder = BPF_CORE_READ(rename, old_dfd);
		operation->argument_length = copy_name(operation, operation->argument, BPF_CORE_READ(rename, oldpath));
		operation->name_length = copy_name(operation, operation->name, BPF_CORE_READ(rename, newpath));
		return 1;
	}
	return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(ring_submitted, struct io_kiocb *request)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct io_kiocb *own = bpf_core_cast(request, struct io_kiocb);
	struct ring_operation *operation;
	struct scratch *scratch;
	__u64 key = (__u64)request;
	__u8 opcode = own->opcode;
	_Bool is_told;
	long error = 0;

	if (is_ignored(task))
		return suppress(KIND_IO_URING);
	scratch = take_scratch();
	if (!scratch)
		return lose(TOPIC_KERNEL, KIND_IO_URING);
	operation = (void *)scratch->bytes;
	__builtin_memset(operation, 0, __builtin_offsetof(struct ring_operation, argument));
	operation->opcode = opcode;
	operation->folder = AT_FDCWD;
	if (opcode == IORING_OP_CONNECT) {
		struct io_connect *data = (void *)&request->cmd;

		copy_address(operation, BPF_CORE_READ(data, addr));
		is_told = 1;
	} else {
		is_told = fill_operation(operation, request);
	}
	if (is_told)
		error = bpf_map_update_elem(&ring_operations, &key, operation, BPF_ANY);
	return_scratch();
	if (!is_told)
		return suppress(KIND_IO_URING);
	return error ? lose(TOPIC_KERNEL, KIND_IO_URING) : 0;
}

static __always_inline __u32 put_kept(struct scratch *scratch, __u32 at, const char *text, __u32 length)
{
	barrier_var(at);
	barrier_var(length);
	if (at > SCRATCH_BYTES - TEXT_ROOM || length >= NAME_BYTES)
		return at;
	bpf_probe_read_kernel(scratch->bytes + at, length, text);
	return at + length;
}

static __always_inline __u32 put_folder(struct scratch *scratch, __u32 at, struct task_struct *task, int folder,
					__u32 *text_flags)
{
	struct file *file;

	if (!task->fs)
		return at;
	if (folder == AT_FDCWD) {
		at = put_walked(scratch, at, task, &task->fs->pwd, text_flags);
	} else {
		file = file_of(task, folder);
		if (!file)
			return at;
		at = put_walked(scratch, at, task, &file->f_path, text_flags);
	}
	*text_flags |= TEXT_PATH_IS_BASE;
	return at;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(ring_completed, void *context, void *request, struct io_uring_cqe *cqe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct kernel_call_event *event;
	struct ring_operation *operation;
	struct scratch *scratch;
	__u64 key = (__u64)request;
	__u32 at = sizeof(*event);
	__s32 result = 0;

	operation = bpf_map_lookup_elem(&ring_operations, &key);
	if (!operation)
		return 0;
	scratch = take_scratch();
	if (!scratch) {
		bpf_map_delete_elem(&ring_operations, &key);
		return lose(TOPIC_KERNEL, KIND_IO_URING);
	}
	bpf_probe_read_kernel(&result, sizeof(result), &cqe->res);
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	fill_header(&event->header, KIND_IO_URING, task);
	event->header.result = result;
	event->result = result;
	event->args[0] = operation->opcode;
	event->text_flags = operation->text_flags;
	event->socket.family = operation->family;
	event->socket.flags = operation->family ? SOCKET_IS_KNOWN : 0;
	event->socket.remote_port = operation->port;
	__builtin_memcpy(event->socket.remote, operation->address, ADDRESS_BYTES);
	if (operation->argument_length && operation->argument[0] != '/')
		at = put_folder(scratch, at, task, operation->folder, &event->text_flags);
	event->path_length = at - sizeof(*event);
	event->argument_length = operation->argument_length;
	event->name_length = operation->name_length;
	at = put_kept(scratch, at, operation->argument, operation->argument_length);
	at = put_kept(scratch, at, operation->name, operation->name_length);
	bpf_map_delete_elem(&ring_operations, &key);
	return emit_security(TOPIC_KERNEL, KIND_IO_URING, &event->header, at);
}
