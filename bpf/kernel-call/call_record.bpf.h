/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The beginning of the record of a system call. A global function, so that the verifier checks it once, and not again
 * after each path through the code before it: the branches of both would multiply.
 */
#ifndef EUNOMIA_CALL_RECORD_BPF_H
#define EUNOMIA_CALL_RECORD_BPF_H
#include "record/header.bpf.h"
#include "record/maps.bpf.h"

/* Fills the header of the record in the scratch that was taken, for the task that runs. */
__noinline int begin_call_record(__u32 kind)
{
	struct scratch *scratch = own_scratch();

	if (scratch)
		fill_header((void *)scratch->bytes, kind, current_task());
	return 0;
}

#endif
