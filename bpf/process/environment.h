/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Which variables of the environment are recorded, as the loader sets it for the programs
 * (native/src/programs/programs.cc, environment.bpf.h), and how much of them a record holds. */
#ifndef EUNOMIA_ENVIRONMENT_H
#define EUNOMIA_ENVIRONMENT_H
#include <linux/types.h>

#define ENVIRONMENT_NAMES_MAX	   64
#define ENVIRONMENT_NAME_BYTES	   64
/* A longer variable is cut. */
#define ENVIRONMENT_VARIABLE_BYTES 1024
/* Of all variables of a record; the last one that fits goes beyond. */
#define ENVIRONMENT_BYTES	   7168

/* Key of environment_names: so many bits of what a variable begins with. */
struct environment_name {
	__u32 bits;
	char text[ENVIRONMENT_NAME_BYTES];
};

/* Value of environment_names. */
enum environment_mode {
	ENVIRONMENT_NAMED = 1,	 /* by its whole name: recorded whatever it is */
	ENVIRONMENT_MATCHED = 2, /* by how it begins: without the value when the name is that of a secret */
};

#endif
