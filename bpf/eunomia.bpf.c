// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * All programs as one object. One translation unit and not `bpftool gen object` over several, because the static linker
 * of libbpf 1.5 refuses a kernel function (bpf_rdonly_cast) that two objects declare: "failed to resolve size of
 * underlying type".
 */
#include "process/process.bpf.c"
#include "process/cgroup.bpf.c"
#include "kernel-call/io_uring.bpf.c"
#include "process/oom.bpf.c"
#include "kernel-call/syscalls.bpf.c"
#include "network/socket_end.bpf.c"
#include "process/tasks.bpf.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
