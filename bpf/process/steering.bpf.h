/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Variables by which a program that is what it seems runs code of somebody else: the dynamic linker, interpreters and
 * libraries load from where they say, or run what they hold. Programs that change their rights by exec (set-user-id,
 * file capabilities) ignore most; they count here all the same.
 */
#ifndef EUNOMIA_STEERING_BPF_H
#define EUNOMIA_STEERING_BPF_H
#include <linux/types.h>
#include "record/event.h"

#define BYTE(place, letter)		((__u64)(letter) << (8 * (place)))
/* The first bytes of a name, as a little-endian number. */
#define BYTES_4(a, b, c, d)		(BYTE(0, a) | BYTE(1, b) | BYTE(2, c) | BYTE(3, d))
#define BYTES_8(a, b, c, d, e, f, g, h) (BYTES_4(a, b, c, d) | BYTE(4, e) | BYTE(5, f) | BYTE(6, g) | BYTE(7, h))

/* The value of ENV is a file or an expression that gives one. Many programs have a variable of this name with a word.
 */
static __always_inline _Bool begins_path(__u8 letter)
{
	return letter == '/' || letter == '.' || letter == '~' || letter == '$' || letter == '`';
}

/* What a shell runs before anything else: bash for a script, any other at a prompt. 0 or EXE_SHELL_FILE. */
static __always_inline __u32 steers_shell(const __u64 *variable)
{
	__u64 eight = *variable;

	if (eight == BYTES_8('B', 'A', 'S', 'H', '_', 'E', 'N', 'V'))
		return EXE_SHELL_FILE;
	return (eight & 0xffffffff) == BYTES_4('E', 'N', 'V', '=') && begins_path(eight >> 32) ? EXE_SHELL_FILE : 0;
}

/* With its NUL, as bpf_probe_read_user_str() counts it. */
#define RUNTIME_PATH_LENGTH 37

/* `variable`: RUNTIME_PATH_LENGTH bytes. "LD_LIBRARY_PATH=/opt/containerd/lib:" is in the environment of containerd's
 * shims and of all that they start (plugins/opt of containerd). Anybody can set it; the reader knows who did. */
static __always_inline _Bool is_runtime_path(const __u64 *variable)
{
	return variable[0] == BYTES_8('L', 'D', '_', 'L', 'I', 'B', 'R', 'A') &&
	       variable[1] == BYTES_8('R', 'Y', '_', 'P', 'A', 'T', 'H', '=') &&
	       variable[2] == BYTES_8('/', 'o', 'p', 't', '/', 'c', 'o', 'n') &&
	       variable[3] == BYTES_8('t', 'a', 'i', 'n', 'e', 'r', 'd', '/') &&
	       (__u32)variable[4] == BYTES_4('l', 'i', 'b', ':');
}

/* `variable`: NAME=value, of which eight bytes can be read. A name stands for all that begin with what is compared. */
static __always_inline _Bool steers_program(const __u64 *variable)
{
	__u64 eight = *variable, four = eight & 0xffffffff;

	if ((eight & 0xffffff) == BYTES_4('L', 'D', '_', 0)) /* LD_PRELOAD, LD_AUDIT, LD_LIBRARY_PATH */
		return 1;
	if (four == BYTES_4('P', 'E', 'R', 'L') || /* PERL5LIB, PERL5OPT, PERLLIB */
	    four == BYTES_4('R', 'U', 'B', 'Y') || /* RUBYLIB, RUBYOPT */
	    four == BYTES_4('E', 'N', 'V', '='))   /* what sh runs first */
		return 1;
	return eight == BYTES_8('B', 'A', 'S', 'H', '_', 'E', 'N', 'V') ||
	       eight == BYTES_8('B', 'A', 'S', 'H', '_', 'F', 'U', 'N') || /* BASH_FUNC_ls%%: an exported function */
	       eight == BYTES_8('P', 'Y', 'T', 'H', 'O', 'N', 'P', 'A') || /* PYTHONPATH */
	       eight == BYTES_8('P', 'Y', 'T', 'H', 'O', 'N', 'H', 'O') || /* PYTHONHOME */
	       eight == BYTES_8('P', 'Y', 'T', 'H', 'O', 'N', 'U', 'S') || /* PYTHONUSERBASE */
	       eight == BYTES_8('P', 'Y', 'T', 'H', 'O', 'N', 'S', 'T') || /* PYTHONSTARTUP */
	       eight == BYTES_8('N', 'O', 'D', 'E', '_', 'O', 'P', 'T') || /* NODE_OPTIONS */
	       eight == BYTES_8('N', 'O', 'D', 'E', '_', 'P', 'A', 'T') || /* NODE_PATH */
	       eight == BYTES_8('G', 'C', 'O', 'N', 'V', '_', 'P', 'A') || /* GCONV_PATH */
	       eight == BYTES_8('G', 'L', 'I', 'B', 'C', '_', 'T', 'U') || /* GLIBC_TUNABLES */
	       eight == BYTES_8('O', 'P', 'E', 'N', 'S', 'S', 'L', '_') || /* OPENSSL_CONF, OPENSSL_ENGINES */
	       eight == BYTES_8('J', 'A', 'V', 'A', '_', 'T', 'O', 'O') || /* JAVA_TOOL_OPTIONS */
	       eight == BYTES_8('_', 'J', 'A', 'V', 'A', '_', 'O', 'P');   /* _JAVA_OPTIONS */
}

#endif
