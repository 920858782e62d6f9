/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Generated from bpf/ by `npm run generate`. Do not edit. Programs, addon and TypeScript fit together when each was
 * built with the same layouts. */
#ifndef EUNOMIA_LAYOUT_HASH_H
#define EUNOMIA_LAYOUT_HASH_H
#define LAYOUT_HASH 0x169e248cU
#endif
