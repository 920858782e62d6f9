/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Opens the declarations of kernel types in this folder: only the structs and fields that programs read. Every access
 * to them is a CO-RE relocation, so sizes, order and what is between the fields don't matter. No include guard: it
 * belongs to each file.
 */
#include <linux/types.h>
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
