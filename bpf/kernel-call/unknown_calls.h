/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Calls whose number schemas/calls.tsv does not have, counted by number: what the programs write and the heartbeat has.
 */
#ifndef EUNOMIA_UNKNOWN_CALLS_H
#define EUNOMIA_UNKNOWN_CALLS_H
#include <linux/types.h>
#include "usage/usage.h"

/* No kernel has calls from here on: a process can make up any number, so these share a part of the entries. */
#define UNKNOWN_CALLS_PLAIN   1024
/* Entries: room for each plain number of the three ABIs, so made up ones never take it. */
#define UNKNOWN_CALLS_MADE_UP 1024
#define UNKNOWN_CALLS	      (3 * UNKNOWN_CALLS_PLAIN + UNKNOWN_CALLS_MADE_UP)

/* Key of unknown_calls; its value is a count of 64 bits. 8 bytes. The number of UNKNOWN_CALL_OTHERS counts all that had
 * no room. */
struct unknown_call {
	__u32 number; /* 0 in its ABI, of x32 without its bit */
	__u32 abi;    /* 4 enum usage_abi */
};
#define UNKNOWN_CALL_OTHERS 0xffffffffu

#endif
