/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Closes what begin.h opened. */
#pragma clang attribute pop
