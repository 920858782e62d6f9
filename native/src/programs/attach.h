// SPDX-License-Identifier: Apache-2.0
// How one program is attached to its hook. Knows nothing of sessions.
#pragma once
#include <bpf/libbpf.h>

namespace eunomia
{

/// The hook of a tp_btf program must be in the kernel's BTF: libbpf would fail the whole load, without saying for which
/// program.
bool HasHook(const bpf_program *program);
/// It runs only when it is read (iterator.h).
bool IsIterator(const bpf_program *program);
/// Attaches it; a program of a cgroup to the root, so that it sees all. Null with errno, as bpf_program__attach() does.
bpf_link *AttachOne(bpf_program *program);

} // namespace eunomia
