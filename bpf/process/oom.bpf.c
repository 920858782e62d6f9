// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * KIND_OOM_KILL: the kernel chose a process to die for want of memory. mark_oom_victim() in mm/oom_kill.c, in the
 * process that requested the memory; the tracepoint has the victim since 6.8 (72ba14deb40a "mm: update mark_victim
 * tracepoints fields"), before only its pid.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel/core_fixes.bpf.h"
#include "record/emit.bpf.h"
#include "process/target.bpf.h"

SEC("tp_btf/mark_victim")
int oom_kill(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct kernel_call_event *event;
	struct scratch *scratch = take_scratch(KIND_OOM_KILL);

	if (!scratch)
		return lose(TOPIC_KERNEL, KIND_OOM_KILL);
	event = (void *)scratch->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	fill_header(&event->header, KIND_OOM_KILL, task);
	if (bpf_core_type_matches(btf_trace_mark_victim___task))
		fill_target(event, (struct task_struct *)ctx[0]);
	else
		event->target_pid = ctx[0];
	return emit_security(TOPIC_KERNEL, KIND_OOM_KILL, &event->header, sizeof(*event));
}
