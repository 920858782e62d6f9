// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Reads and writes counted by process and file, from the results of the calls at sys_exit. Regular files and block
 * devices: pipes, sockets and terminals have no place. What is read through a mapping or by io_uring makes no call and
 * is not counted.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel/syscall_regs.h"
#include "usage/file_calls.bpf.h"
#include "usage/file_path.bpf.h"
#include "usage/owner.bpf.h"
#include "usage/tables.bpf.h"

/* Numbers of `overflow`. */
enum file_overflow {
	OVERFLOW_READS = 0,
	OVERFLOW_WRITES = 1,
	OVERFLOW_BYTES_READ = 2,
	OVERFLOW_BYTES_WRITTEN = 3,
	OVERFLOW_PATHS = 4, /* files whose path was not stored */
};

/* include/uapi/linux/stat.h */
#define S_IFMT	00170000
#define S_IFBLK 0060000
#define S_IFREG 0100000

/* In this order: it is the order in which they are turned, and a path may so be one interval ahead of its file, never
 * behind. */
USAGE_TABLE(files, struct file_key, struct file_usage);
USAGE_TABLE(paths, struct path_key, struct file_path);

/* Where a path is made. One program at a time on a CPU: it does not run within itself. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_path);
} path_scratch SEC(".maps");

static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (!table || fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
	return file;
}

static __always_inline void keep_path(const struct file_key *key, struct file *file, struct task_struct *task)
{
	struct path_key place = {.cgroup_id = key->owner.cgroup_id, .inode = key->inode, .device = key->device};
	void *paths_of_now = table_of_now(&paths);
	struct file_path *path;
	__u32 zero = 0;

	if (!paths_of_now || bpf_map_lookup_elem(paths_of_now, &place))
		return;
	path = bpf_map_lookup_elem(&path_scratch, &zero);
	if (!path || !task->fs)
		return;
	put_usage_path(path, file, task->fs);
	if (!made_entry(paths_of_now, &place, path))
		add_overflow(OVERFLOW_PATHS, 1);
}

static __always_inline int count_file(struct task_struct *task, __u32 fd, __u64 bytes, _Bool is_write)
{
	struct file *file = file_of(task, fd);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 type = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	struct file_usage fresh = {}, *known;
	struct file_key key = {};
	void *files_of_now = table_of_now(&files);

	if ((type != S_IFREG && type != S_IFBLK) || !files_of_now)
		return 0;
	fill_owner(&key.owner, task);
	key.inode = BPF_CORE_READ(inode, i_ino);
	key.device = BPF_CORE_READ(inode, i_sb, s_dev);
	known = bpf_map_lookup_elem(files_of_now, &key);
	if (!known) {
		keep_path(&key, file, task);
		fill_owner_comm(fresh.comm, task);
		known = made_entry(files_of_now, &key, &fresh);
	}
	if (!known) {
		add_overflow(is_write ? OVERFLOW_WRITES : OVERFLOW_READS, 1);
		add_overflow(is_write ? OVERFLOW_BYTES_WRITTEN : OVERFLOW_BYTES_READ, bytes);
		return 0;
	}
	if (is_write) {
		__sync_fetch_and_add(&known->writes, 1);
		__sync_fetch_and_add(&known->bytes_written, bytes);
	} else {
		__sync_fetch_and_add(&known->reads, 1);
		__sync_fetch_and_add(&known->bytes_read, bytes);
	}
	return 0;
}

static __always_inline __u32 argument(struct pt_regs *regs, _Bool is_32_bit, __u32 index)
{
	__u64 args[6], given;

	if (is_32_bit)
		READ_ARGS_32(args, regs);
	else
		READ_ARGS(args, regs);
	given = index == 0 ? args[0] : index == 1 ? args[1] : args[2];
	barrier_var(given);
	return given;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(usage_files, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	_Bool is_32_bit = !!IS_32_BIT_CALL(task);
	__u32 number = SYSCALL_NUMBER(regs);
	struct file_call call;

	if (result < 0 || (__s32)number < 0)
		return 0;
	call = is_32_bit ? compat_file_call(number) : native_file_call(number & ~X32_SYSCALL_BIT);
	if ((call.read == NO_ARGUMENT && call.written == NO_ARGUMENT) || is_left_out(task))
		return 0;
	if (call.read != NO_ARGUMENT)
		count_file(task, argument(regs, is_32_bit, call.read), result, 0);
	if (call.written != NO_ARGUMENT)
		count_file(task, argument(regs, is_32_bit, call.written), result, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
