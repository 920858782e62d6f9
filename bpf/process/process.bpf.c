// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Processes come, become another program, and go: fork, exec and exit. The scheduler's tracepoints, because they fire
 * for every path that leads there (clone, vfork, clone3, io threads; exec from kernel threads), cost nothing else, and
 * exist since 2.6.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "record/emit.bpf.h"
#include "process/environment.bpf.h"
#include "process/exec_streams.bpf.h"
#include "process/exec_texts.bpf.h"
#include "process/facts.bpf.h"
#include "record/header.bpf.h"
#include "kernel/call_numbers.h"
#include "process/namespaces.bpf.h"

/* include/linux/sched/signal.h */
#define SIGNAL_GROUP_EXIT 0x00000004

static __always_inline void no_longer_own(struct task_struct *task)
{
	if (is_helper(task))
		reader.helper.pid = 0;
	else if (is_ignored(task))
		reader.own.pid = 0;
}

/*
 * kernel_clone() (kernel/fork.c, 5.10 and later; _do_fork() before): the child is complete and does not run yet, so its
 * first event comes after this one. Threads are no processes. A child of the ignored process is a separate process,
 * so it is reported, but for a helper that runs in its memory (native/src/process/guarded_reads.cc).
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct scratch *scratch;
	struct fork_event *event;

	if (child->pid != child->tgid)
		return 0;
	if (child->mm == parent->mm && is_ignored(parent)) {
		reader.helper.at_ns = bpf_ktime_get_boot_ns();
		reader.helper.pid = child->tgid;
		return suppress(FILTER_OWN, KIND_FORK);
	}
	if (ask_share(KIND_FORK) == SHARE_NONE)
		return suppress(FILTER_BUDGET, KIND_FORK);
	scratch = take_scratch(KIND_FORK);
	if (!scratch)
		return lose(TOPIC_PROCESS, KIND_FORK);
	event = (void *)scratch->bytes;
	fill_header(&event->header, KIND_FORK, child);
	fill_facts(&event->facts, child);
	fill_namespaces(&event->namespaces, child);
	event->facts.maker_pid = parent->tgid;
	event->header.result = clone_flags_of(parent, child);
	return emit_shared(TOPIC_PROCESS, KIND_FORK, &event->header, sizeof(*event));
}

/* The arguments, from where the kernel has just copied them to, on the new stack. Returns their length. */
static __always_inline __u32 put_args(struct scratch *scratch, struct mm_struct *mm)
{
	struct exec_event *event = (void *)scratch->bytes;
	__u64 start = mm->arg_start;
	__u64 length = mm->arg_end - start;
	__u64 most = event->text_flags & TEXT_SHORTENED ? SHORT_ARGS_BYTES : knob_args_bytes;

	event->args_total = length;
	if (length > most) {
		length = most;
		event->text_flags |= TEXT_ARGS_TRUNCATED;
	}
	/* sizeof(*event) + ARGS_MAX <= SCRATCH_BYTES; the knob is a constant for the verifier, but not bounded for the
	 * compiler. */
	barrier_var(length);
	if (length > ARGS_MAX)
		length = ARGS_MAX;
	if (bpf_probe_read_user(scratch->bytes + sizeof(*event), length, (void *)start)) {
		event->text_flags |= TEXT_ARGS_FAULT;
		return 0;
	}
	return length;
}

/* The name given to execve; "/dev/fd/N" or "/dev/fd/N/path" for an execveat of a descriptor. Never cut: the longest is
 * PATH_MAX and "/dev/fd/2147483647/". */
static __always_inline __u32 put_filename(struct scratch *scratch, __u32 at, const char *filename)
{
	struct exec_event *event = (void *)scratch->bytes;
	long length;

	event->filename_length = 0;
	barrier_var(at);
	if (at > SCRATCH_BYTES - TEXT_ROOM)
		return at;
	length = bpf_probe_read_kernel_str(scratch->bytes + at, TEXT_ROOM, filename);
	if (length < 1)
		return at;
	event->filename_length = length - 1;
	return at + length - 1;
}

/* The record of a process far over its share: what it is, so that it is no longer taken for what it was. Returns its
 * length. What was not read of the environment may steer the program. */
static __always_inline __u32 leave_out_texts(struct exec_event *event, struct mm_struct *mm)
{
	event->facts.exe_flags |= EXE_STEERED;
	event->text_flags = TEXT_SHORTENED | TEXT_ARGS_TRUNCATED | TEXT_EXE_PATH_TRUNCATED | TEXT_CWD_TRUNCATED;
	event->args_length = 0;
	event->args_total = mm->arg_end - mm->arg_start;
	event->exe_path_length = 0;
	event->cwd_length = 0;
	event->filename_length = 0;
	__builtin_memset(event->streams, 0, sizeof(event->streams));
	event->environment_length = 0;
	event->environment_flags = 0;
	return sizeof(*event);
}

/*
 * exec_binprm() (fs/exec.c): the new program is in place, its credentials are committed, its first instruction is still
 * to come. A failed exec doesn't come here; syscalls.bpf.c has those. For a script, executable and arguments are the
 * interpreter's, filename is the script. What the collector or its helper becomes is not the collector any more.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, int old_pid, struct linux_binprm *binprm)
{
	struct scratch *scratch;
	struct exec_event *event;
	__u32 at = sizeof(*event), share;

	no_longer_own(task);
	share = ask_share(KIND_EXEC);
	if (share == SHARE_NONE)
		return suppress(FILTER_BUDGET, KIND_EXEC);
	scratch = take_scratch(KIND_EXEC);
	if (!scratch)
		return lose(TOPIC_PROCESS, KIND_EXEC);
	event = (void *)scratch->bytes;
	task = plain_task(task);
	fill_header(&event->header, KIND_EXEC, task);
	/* set_personality_64bit() has written execve into the registers, whatever it was; fdpath is there for a
	 * descriptor (5.8 and later). */
	event->header.syscall = bpf_core_field_exists(binprm->fdpath) && binprm->fdpath ? NR_EXECVEAT : NR_EXECVE;
	fill_facts(&event->facts, task);
	fill_namespaces(&event->namespaces, task);
	if (binprm->interp != binprm->filename)
		event->facts.exe_flags |= EXE_INTERPRETED;
	if (share == SHARE_BARE)
		return emit_shared(TOPIC_PROCESS, KIND_EXEC, &event->header, leave_out_texts(event, task->mm));
	event->text_flags = share == SHARE_SHORT ? TEXT_SHORTENED : 0;
	event->args_length = put_args(scratch, task->mm);
	at += event->args_length;
	at = put_exec_paths(scratch, at, task);
	at = put_filename(scratch, at, binprm->filename);
	at = put_streams(scratch, at, task, 0);
	at = put_environment(scratch, at, task->mm);
	at = put_exec_places(scratch, at, 0);
	return emit_shared(TOPIC_PROCESS, KIND_EXEC, &event->header, at);
}

/* do_exit() (kernel/exit.c): once per thread, and only the last one ends the process. The code is what
 * wait_task_zombie() will give. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	struct scratch *scratch;
	struct exit_event *event;

	if (!is_group_dead(ctx, task))
		return 0;
	if (is_ignored(task)) {
		no_longer_own(task);
		return suppress(FILTER_OWN, KIND_EXIT);
	}
	if (ask_share(KIND_EXIT) == SHARE_NONE)
		return suppress(FILTER_BUDGET, KIND_EXIT);
	scratch = take_scratch(KIND_EXIT);
	if (!scratch)
		return lose(TOPIC_PROCESS, KIND_EXIT);
	event = (void *)scratch->bytes;
	fill_header(&event->header, KIND_EXIT, task);
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		event->exit_code = task->signal->group_exit_code;
	else
		event->exit_code = task->group_leader->exit_code;
	event->pad = 0;
	return emit_shared(TOPIC_PROCESS, KIND_EXIT, &event->header, sizeof(*event));
}
