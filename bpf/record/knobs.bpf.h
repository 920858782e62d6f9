/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Knobs in rodata, set by the loader between open and load: for the verifier they are constants, so what a knob turns
 * off is not even in the loaded program. native/kernel-control.ts KernelKnobs says what they mean.
 */
#ifndef EUNOMIA_KNOBS_BPF_H
#define EUNOMIA_KNOBS_BPF_H
#include <linux/types.h>
#include "record/layout_hash.h"

/* The loader takes only programs of its own layouts. */
const volatile __u32 layout_hash = LAYOUT_HASH;

/* Upper bound of knob_args_bytes. */
#define ARGS_MAX    65536
/* Upper bound of knob_payload_bytes. */
#define PAYLOAD_MAX 4096

const volatile __u32 knob_args_bytes = 8192;
const volatile __u32 knob_open_reads = 1;
const volatile __u32 knob_open_argument = 1;
const volatile __u32 knob_payload_bytes = 0;
const volatile __u32 knob_environment = 0;
/* Budget of calls of one process: time of one event. */
const volatile __u32 knob_call_ns = 500000;
/* Of the free room of the security ring, for the forks, execs, exits and cgroups of a user in a cgroup (shares.bpf.h).
 */
const volatile __u32 knob_process_percent = 60;
/* Mount id of the root of the host's first process; 0 when it is not known. */
const volatile __u32 knob_host_root_mount = 0;

#endif
