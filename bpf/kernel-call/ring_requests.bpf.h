/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Records of opens, changes of files, and sockets that io_uring works for: made when the request is submitted, and kept
 * here until it is completed, which gives the result. So rules about open and connect are evaluated on them as on the
 * system calls. What never shows its completion (IOSQE_CQE_SKIP_SUCCESS), or finds no room here, is reported at once as
 * done: an attacker hides no more than that it failed.
 */
#ifndef EUNOMIA_RING_REQUESTS_BPF_H
#define EUNOMIA_RING_REQUESTS_BPF_H
#include "file/open.bpf.h"
#include "kernel-call/ring_operation.bpf.h"
#include "network/socket_record.bpf.h"

#define RING_REQUESTS	  1024
/* A record; what is longer is reported at once, too. With the facts a value stays below a page. */
#define RING_RECORD_BYTES 3896

struct ring_facts {
	__u64 context; /* struct io_ring_ctx, which with user_data is all that an overflow reports */
	__u64 user_data;
	__u32 kind;
	__u32 length;
	__u32 pid; /* of the process that submitted it */
	__u32 is_direct;
	__u32 is_on_file;
};

struct ring_request {
	char record[RING_RECORD_BYTES];
	struct ring_facts facts;
};

/* By the address of struct io_kiocb. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RING_REQUESTS);
	__type(key, __u64);
	__type(value, struct ring_request);
} ring_requests SEC(".maps");

/* Entries of ring_requests: without one, a completion costs a load. */
__u64 ring_requests_waiting SEC(".data.ring") = 0;

/* include/linux/io_uring_types.h: enum io_req_flags. */
#define REQ_F_FIXED_FILE (1U << 0)
#define REQ_F_CQE_SKIP	 (1U << 6)

static __always_inline _Bool is_of_socket(__u32 kind)
{
	return kind == KIND_CONNECT || kind == KIND_BIND || kind == KIND_LISTEN;
}

/* A change on a descriptor, which the ring resolves when it works: the file is known at its completion. */
static __always_inline _Bool is_on_ring_file(const struct ring_operation *operation, __u32 kind)
{
	return (kind == KIND_TRUNCATE || kind == KIND_XATTR) && !operation->first;
}

static __always_inline int emit_ring_record(struct scratch *scratch, __u32 kind, __u32 length)
{
	struct event_header *header = (void *)scratch->bytes;

	if (is_of_socket(kind))
		return emit_security(TOPIC_NETWORK, kind, header, length);
	return emit_bulk(TOPIC_FILE, kind, header, length);
}

static __always_inline int lose_ring_record(__u32 kind)
{
	return is_of_socket(kind) ? lose(TOPIC_NETWORK, kind) : lose(TOPIC_FILE, kind);
}

static __always_inline __u32 put_ring_path(struct scratch *scratch, __u32 at, struct task_struct *task,
					   struct filename *filename, __s32 folder, __u32 *path_length,
					   __u32 *argument_length, __u32 *text_flags, __u32 slot)
{
	const char *name = bpf_core_cast(filename, struct filename)->name;
	__u32 start = at;
	char first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), name);
	at = put_base_of(scratch, at, task, folder, first, text_flags, slot);
	*path_length = at - start;
	return put_kernel_name(scratch, at, name, argument_length);
}

static __always_inline __u32 put_ring_open(struct scratch *scratch, struct task_struct *task)
{
	struct ring_operation *operation = (void *)scratch->call;
	struct open_event *event = (void *)scratch->bytes;
	__u32 at = sizeof(*event);

	event->flags = operation->flags;
	event->mode = operation->mode;
	event->open_flags = OPEN_FLAGS_OF_FILE; /* the kernel's own copy */
	/* until its completion says otherwise; and if that can't be seen */
	event->text_flags = TEXT_PATH_FAULT;
	if (operation->first)
		at = put_ring_path(scratch, at, task, operation->first, operation->folder, &event->path_length,
				   &event->argument_length, &event->text_flags, PLACE_OF_PATH);
	return put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
}

static __always_inline __u32 put_ring_change(struct scratch *scratch, struct task_struct *task,
					     struct io_kiocb *request, __u32 kind)
{
	struct ring_operation *operation = (void *)scratch->call;
	struct file_change_event *event = (void *)scratch->bytes;
	struct file_attribute_event *attributes = (void *)scratch->bytes;
	__u32 at = has_attributes(kind) ? sizeof(*attributes) : sizeof(*event);

	event->flags = operation->flags;
	event->mode = operation->mode;
	event->uid = UNSET_ID;
	event->gid = UNSET_ID;
	event->folder = is_on_ring_file(operation, kind) ? request->cqe.fd : operation->folder;
	if (is_on_ring_file(operation, kind))
		event->text_flags = TEXT_PATH_FAULT; /* until its completion */
	event->new_folder = operation->new_folder;
	if (has_attributes(kind)) {
		attributes->size = operation->size;
		attributes->attribute_flags = ATTRIBUTE_HAS_SIZE;
	}
	if (operation->first)
		at = put_ring_path(scratch, at, task, operation->first, operation->folder, &event->path_length,
				   &event->argument_length, &event->text_flags, PLACE_OF_PATH);
	if (operation->text)
		at = put_kernel_name(scratch, at, operation->text, &event->new_argument_length);
	else if (operation->second && kind == KIND_SYMLINK)
		at = put_kernel_name(scratch, at, bpf_core_cast(operation->second, struct filename)->name,
				     &event->new_argument_length);
	else if (operation->second)
		at = put_ring_path(scratch, at, task, operation->second, operation->new_folder, &event->new_path_length,
				   &event->new_argument_length, &event->new_text_flags, PLACE_OF_SECOND);
	at = put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
	return put_announced_place(PLACE_OF_SECOND, at, event->new_text_flags, TEXT_HAS_PLACE);
}

static __always_inline __u32 put_ring_socket(struct scratch *scratch, struct io_kiocb *request, __u32 kind)
{
	struct ring_operation *operation = (void *)scratch->call;
	struct socket_event *event = (void *)scratch->bytes;

	event->fd = request->flags & REQ_F_FIXED_FILE ? -1 : request->cqe.fd;
	event->backlog = operation->backlog;
	event->event_flags = kind == KIND_CONNECT ? SOCKET_IS_CLIENT : kind == KIND_LISTEN ? SOCKET_IS_SERVER : 0;
	return put_address(scratch, sizeof(*event), operation->address, operation->address_length,
			   &event->address_length);
}

/* Global as begin_call_record() is: makes the record in the scratch that was taken; returns its length. */
__noinline int put_ring_record(__u64 address, __u32 kind, __u32 number)
{
	struct task_struct *task = current_task();
	struct scratch *scratch = own_scratch();
	struct io_kiocb *request = bpf_core_cast((void *)address, struct io_kiocb);
	struct event_header *header;

	if (!scratch)
		return 0;
	header = (void *)scratch->bytes;
	__builtin_memset(scratch->bytes, 0, sizeof(struct socket_event));
	begin_call_record(kind);
	header->syscall = number;
	header->flags |= HEADER_IO_URING;
	_Static_assert(sizeof(struct ring_operation) <= sizeof(scratch->call), "what is read of a call has its room");
	_Static_assert(sizeof(struct socket_event) >= sizeof(struct file_attribute_event), "all records are zeroed");
	read_operation((void *)scratch->call, request->opcode, (void *)&request->cmd);
	if (kind == KIND_OPEN)
		return put_ring_open(scratch, task);
	if (is_of_socket(kind))
		return put_ring_socket(scratch, request, kind);
	return put_ring_change(scratch, task, request, kind);
}

static __always_inline void fill_ring_socket(struct scratch *scratch, struct file *file)
{
	struct socket_event *event = (void *)scratch->bytes;
	struct sock *sk = socket_of(file);

	if (sk)
		fill_socket(&event->facts, sk);
}

/* The file that was opened, when its descriptor can be followed from here; else null. */
static __always_inline struct file *ring_opened_file(struct task_struct *task, const struct ring_facts *facts,
						     __s32 result)
{
	if (result < 0 || facts->is_direct || (__u32)task->tgid != facts->pid)
		return NULL;
	return file_of(task, result);
}

/* Appends the text that a record has after its path, at `from` in the one that was kept. */
static __always_inline __u32 put_kept_text(struct scratch *scratch, __u32 at, const struct ring_request *known,
					   __u32 from, __u32 length)
{
	barrier_var(at);
	barrier_var(length);
	if (at > SCRATCH_BYTES - TEXT_ROOM || length > RING_RECORD_BYTES || from > RING_RECORD_BYTES)
		return at;
	bpf_probe_read_kernel(scratch->bytes + at, length, known->record + from);
	return at + length;
}

/* Global as begin_call_record() is. The kernel's own path of what was opened, in place of the one that was asked for.
 */
__noinline int put_ring_opened(__u64 key, __s32 result)
{
	struct ring_request *known = bpf_map_lookup_elem(&ring_requests, &key);
	struct task_struct *task = current_task();
	struct scratch *scratch = own_scratch();
	struct open_event *event;
	struct file *file;
	__u32 at = sizeof(*event), from, length;

	if (!known || !scratch)
		return 0;
	event = (void *)scratch->bytes;
	file = ring_opened_file(task, &known->facts, result);
	if (!file)
		return known->facts.length;
	from = sizeof(*event) + event->path_length;
	length = event->argument_length;
	event->text_flags = 0;
	at = put_opened_path(scratch, at, task, file, NULL);
	at = put_kept_text(scratch, at, known, from, length);
	return put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
}

/* Global as begin_call_record() is. The file of a change on a descriptor. */
__noinline int put_ring_changed(__u64 key, __u64 address)
{
	struct ring_request *known = bpf_map_lookup_elem(&ring_requests, &key);
	struct task_struct *task = current_task();
	struct scratch *scratch = own_scratch();
	struct file_change_event *event;
	struct file *file;
	__u32 at = sizeof(struct file_attribute_event);

	if (!known || !scratch)
		return 0;
	event = (void *)scratch->bytes;
	file = bpf_core_cast((void *)address, struct file);
	event->inode = file->f_inode->i_ino;
	event->device = file->f_inode->i_sb->s_dev;
	event->text_flags = 0;
	at = put_walked(scratch, at, task, &file->f_path, &event->text_flags, PLACE_OF_PATH);
	event->path_length = at - sizeof(struct file_attribute_event);
	at = put_kept_text(scratch, at, known, sizeof(struct file_attribute_event), event->new_argument_length);
	return put_announced_place(PLACE_OF_PATH, at, event->text_flags, TEXT_HAS_PLACE);
}

static __always_inline __u32 filter_of_ring_open(struct task_struct *task, const struct ring_request *known,
						 __s32 result)
{
	struct open_call query = {.result = result};

	query.flags = ((struct open_event *)known->record)->flags;
	query.mode = ((struct open_event *)known->record)->mode;
	if (result >= 0 && !ring_opened_file(task, &known->facts, result))
		return FILTER_NONE;
	return filter_of_open(&query);
}

static __always_inline void forget_request(__u64 key)
{
	if (!bpf_map_delete_elem(&ring_requests, &key))
		__sync_fetch_and_sub(&ring_requests_waiting, 1);
}

/* Global as begin_call_record() is. Reports a request that has its result. request: its struct io_kiocb, or 0 when that
 * is not known any more. */
__noinline int settle_ring_request(__u64 key, __s32 result, __u64 request)
{
	struct ring_request *known = bpf_map_lookup_elem(&ring_requests, &key);
	struct task_struct *task = current_task();
	__u32 kind, length, filter = FILTER_NONE;
	struct event_header *header;
	struct scratch *scratch;
	__u64 file = 0;

	if (!known)
		return 0;
	kind = bounded(known->facts.kind);
	length = known->facts.length;
	if (is_outcome_left_out(kind, result))
		filter = FILTER_OUTCOME;
	else if (kind == KIND_OPEN)
		filter = filter_of_ring_open(task, known, result);
	scratch = filter == FILTER_NONE ? take_scratch(kind) : NULL;
	if (!scratch) {
		forget_request(key);
		if (filter == FILTER_NONE)
			return lose_ring_record(kind);
		/* filter_of_open() counts */
		return filter == FILTER_INTENT || filter == FILTER_PATH ? 0 : suppress(filter, kind);
	}
	bpf_probe_read_kernel(scratch->bytes, RING_RECORD_BYTES, known->record);
	header = (void *)scratch->bytes;
	header->result = result;
	header->cpu = bpf_get_smp_processor_id();
	header->boot_ns = bpf_ktime_get_boot_ns();
	if (request)
		bpf_probe_read_kernel(&file, sizeof(file), &((struct io_kiocb *)request)->file);
	if (kind == KIND_OPEN)
		length = put_ring_opened(key, result);
	else if (file && known->facts.is_on_file)
		length = put_ring_changed(key, file);
	else if (file && is_of_socket(kind))
		fill_ring_socket(scratch, bpf_core_cast((void *)file, struct file));
	forget_request(key);
	return emit_ring_record(scratch, kind, length);
}

/* Keeps the record in the scratch until its request is completed. False when it must be reported at once. */
static __always_inline _Bool keep_request(struct scratch *scratch, __u64 key, struct io_kiocb *request, __u32 kind,
					  __u32 length)
{
	struct ring_request *made = (void *)scratch->bytes;
	struct ring_operation *operation = (void *)scratch->call;

	if (request->flags & REQ_F_CQE_SKIP || length > RING_RECORD_BYTES)
		return 0;
	made->facts.context = (__u64)request->ctx;
	made->facts.user_data = request->cqe.user_data;
	made->facts.kind = kind;
	made->facts.length = length;
	made->facts.pid = ((struct event_header *)scratch->bytes)->pid;
	made->facts.is_direct = operation->is_direct;
	made->facts.is_on_file = is_on_ring_file(operation, kind);
	if (bpf_map_update_elem(&ring_requests, &key, made, BPF_NOEXIST))
		return 0;
	__sync_fetch_and_add(&ring_requests_waiting, 1);
	return 1;
}

/* Another request lies where this one was: it was completed unseen, so did not fail. */
static __always_inline void settle_unseen(__u64 key)
{
	struct ring_request *known = bpf_map_lookup_elem(&ring_requests, &key);

	if (!known)
		return;
	((struct event_header *)known->record)->flags |= HEADER_ASSUMED;
	settle_ring_request(key, 0, 0);
}

/* Global as begin_call_record() is. A request was submitted: makes its record, if there is one. */
__noinline int expect_ring_request(__u64 key)
{
	struct io_kiocb *request = bpf_core_cast((void *)key, struct io_kiocb);
	__u32 number = number_of_operation(request->opcode), kind;
	struct ring_operation *operation;
	struct event_header *header;
	struct scratch *scratch;
	__u32 length;

	kind = bounded(call_kind[number % CALLS_MAX]);
	if (!number || kind == KIND_NONE)
		return 0;
	if (is_over_budget(kind, number, 0))
		return suppress(FILTER_BUDGET, kind);
	scratch = take_scratch(kind);
	if (!scratch)
		return lose_ring_record(kind);
	header = (void *)scratch->bytes;
	length = put_ring_record(key, kind, number);
	operation = (void *)scratch->call;
	if (kind == KIND_UNLINK && operation->flags & AT_REMOVEDIR)
		header->kind = kind = KIND_RMDIR;
	if (keep_request(scratch, key, request, kind, length)) {
		return_scratch();
		return 0;
	}
	header->flags |= HEADER_ASSUMED;
	if (!is_outcome_left_out(kind, 0))
		return emit_ring_record(scratch, kind, length);
	return_scratch();
	return suppress(FILTER_OUTCOME, kind);
}

#endif
