// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Cgroups created and removed: a container is known before its first process runs. cgroup_mkdir() and cgroup_rmdir() in
 * kernel/cgroup/cgroup.c, for every hierarchy (v2, and each of v1), since 4.20. The path is made by the kernel for the
 * tracepoint.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "record/emit.bpf.h"
#include "record/header.bpf.h"

/* kernel/cgroup/cgroup-internal.h: the kernel cuts the path at this length. */
#define TRACE_CGROUP_PATH_LEN 1024

/* Not left out for the collector's own pid: a cgroup is a fact about containers, whoever makes it. */
static __always_inline int emit_cgroup(__u32 kind, struct cgroup *cgroup, const char *path)
{
	struct cgroup_event *event;
	struct scratch *scratch;
	long length;

	if (ask_share(kind) == SHARE_NONE)
		return suppress(FILTER_BUDGET, kind);
	scratch = take_scratch(kind);
	if (!scratch)
		return lose(TOPIC_CGROUP, kind);
	event = (void *)scratch->bytes;
	fill_header(&event->header, kind, bpf_get_current_task_btf());
	event->header.flags = 0;
	event->header.cgroup_id = cgroup->kn->id;
	event->hierarchy_id = cgroup->root->hierarchy_id;
	event->level = cgroup->level;
	event->text_flags = 0;
	length = bpf_probe_read_kernel_str(scratch->bytes + sizeof(*event), PATH_BYTES, path);
	event->path_length = length > 0 ? length - 1 : 0;
	if (event->path_length >= TRACE_CGROUP_PATH_LEN - 1)
		event->text_flags = TEXT_PATH_TRUNCATED;
	return emit_shared(TOPIC_CGROUP, kind, &event->header, sizeof(*event) + event->path_length);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path)
{
	return emit_cgroup(KIND_CGROUP_MKDIR, cgroup, path);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup, const char *path)
{
	return emit_cgroup(KIND_CGROUP_RMDIR, cgroup, path);
}
