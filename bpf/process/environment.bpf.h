/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The environment of a new program: the variables that are requested by name, without the values of secrets, and
 * whether any of all variables loads other code into the program.
 * It is filtered here and not by the reader, so that no other variable is in a ring, capture or checkpoint.
 */
#ifndef EUNOMIA_ENVIRONMENT_BPF_H
#define EUNOMIA_ENVIRONMENT_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "process/environment.h"
#include "record/event.h"
#include "kernel/task.h"
#include "record/maps.bpf.h"
#include "process/steering.bpf.h"

/* Variables that are read; what follows them is reported as cut. */
#define ENVIRONMENT_STEPS 4096

/* The loader writes it once (native/src/programs/programs.cc). The longest entry that a variable begins with counts:
 * "PATH=" takes PATH, "LC_" all that begin so. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ENVIRONMENT_NAMES_MAX);
	__type(key, struct environment_name);
	__type(value, __u32);
} environment_names SEC(".maps");

/* Beginning of the current variable: in a map, as the verifier requires for reads at variable offsets. A window of
 * eight bytes begins at each place of the name. */
struct environment_key {
	struct environment_name name;
	__u8 behind[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct environment_key);
} environment_keys SEC(".maps");

struct environment_walk {
	struct scratch *scratch;
	__u64 from;
	__u64 end;
	__u64 room_end; /* no variable begins after it */
	__u64 flags;
	__u64 is_inside; /* of a variable that is longer than what is read at once */
	__u64 was_taken;
	__u64 is_steered;
	__u64 exe_flags;
};

/* Letters as capitals; what else changes meets no word. */
#define CAPITALS	  0xdfdfdfdfdfdfdfdfULL
#define WORD(bytes, text) (((window) & ((1ULL << (8 * (bytes))) - 1)) == (text))

/* A name with one of these words is that of a secret. Little endian, as they stand in memory. */
static __always_inline _Bool begins_secret(__u64 window)
{
	return WORD(3, 0x59454bULL) /* KEY */ | WORD(4, 0x48545541ULL) /* AUTH */ |
	       WORD(5, 0x4e454b4f54ULL) /* TOKEN */ | WORD(5, 0x5753534150ULL) /* PASSW */ |
	       WORD(7, 0x52485053534150ULL) /* PASSPHR */ | WORD(6, 0x544552434553ULL) /* SECRET */ |
	       WORD(7, 0x544e4544455243ULL) /* CREDENT */;
}

struct secret_search {
	struct environment_key *key;
	__u64 is_secret;
	__u64 is_whole; /* the end of the name was seen */
	__u64 value;	/* where the value begins, or the rest of a longer name */
};

static long secret_step(__u32 index, void *context)
{
	struct secret_search *search = context;
	__u64 window;

	if (index >= ENVIRONMENT_NAME_BYTES) /* never; the verifier can't know */
		return 1;
	window = *(__u64 *)&search->key->name.text[index];
	search->value = index + 1;
	if ((window & 0xff) == '=') {
		search->is_whole = 1;
		return 1;
	}
	search->is_secret |= begins_secret(window & CAPITALS);
	return 0;
}

/* Where the value begins when the name is that of a secret; 0 for any other. bpf_loop, so that the verifier checks
 * one place of the name. */
static __always_inline __u32 secret_value(struct environment_key *key)
{
	struct secret_search search = {.key = key};

	bpf_loop(ENVIRONMENT_NAME_BYTES, secret_step, &search, 0);
	/* A name that is longer than the window may be that of one. */
	return search.is_secret || !search.is_whole ? search.value : 0;
}

/* Takes the variable at scratch->at, of `length` bytes with its NUL, when it is requested. */
static __always_inline _Bool take_variable(struct scratch *scratch, __u64 at, __u32 length)
{
	struct environment_key *key;
	__u32 zero = 0, *mode, value;

	key = bpf_map_lookup_elem(&environment_keys, &zero);
	if (!key)
		return 0;
	__builtin_memset(key, 0, sizeof(*key));
	bpf_probe_read_kernel_str(key->name.text, ENVIRONMENT_NAME_BYTES + sizeof(key->behind), scratch->bytes + at);
	key->name.bits = 8 * ENVIRONMENT_NAME_BYTES;
	mode = bpf_map_lookup_elem(&environment_names, &key->name);
	if (!mode)
		return 0;
	value = *mode == ENVIRONMENT_NAMED ? 0 : secret_value(key);
	if (value && value <= ENVIRONMENT_NAME_BYTES && value < length) {
		/* at + value + 4 <= the end of what was read, or a little after it: within the room of a variable */
		at += value;
		barrier_var(at);
		if (at > SCRATCH_BYTES - ENVIRONMENT_NAME_BYTES)
			return 0;
		scratch->bytes[at] = '*';
		scratch->bytes[at + 1] = '*';
		scratch->bytes[at + 2] = '*';
		scratch->bytes[at + 3] = 0;
		scratch->at = at + 4;
		return 1;
	}
	scratch->at = at + length;
	return 1;
}

static long environment_step(__u32 index, void *context)
{
	struct environment_walk *walk = context;
	struct scratch *scratch = walk->scratch;
	__u64 at = scratch->at, was_inside = walk->is_inside;
	long length;

	if (walk->from >= walk->end)
		return 1;
	if (at > SCRATCH_BYTES - ENVIRONMENT_VARIABLE_BYTES) /* never: room_end is before it; the verifier can't know */
		return 1;
	length = bpf_probe_read_user_str(scratch->bytes + at, ENVIRONMENT_VARIABLE_BYTES, (void *)walk->from);
	if (length <= 0) {
		walk->flags |= ENVIRONMENT_FAULT;
		return 1;
	}
	/* The last byte of what was cut is read again, as the first of the rest. */
	walk->is_inside = length == ENVIRONMENT_VARIABLE_BYTES;
	walk->from += length - walk->is_inside;
	if (was_inside) {
		if (walk->was_taken && length > 1)
			walk->flags |= ENVIRONMENT_TRUNCATED;
		return 0;
	}
	if (length == RUNTIME_PATH_LENGTH && is_runtime_path((__u64 *)(scratch->bytes + at)))
		walk->exe_flags |= EXE_STEERED | EXE_RUNTIME_PATH;
	else
		walk->is_steered |= steers_program((__u64 *)(scratch->bytes + at));
	walk->exe_flags |= steers_shell((__u64 *)(scratch->bytes + at));
	walk->was_taken = 0;
	if (at > walk->room_end)
		walk->flags |= ENVIRONMENT_TRUNCATED;
	else if (knob_environment)
		walk->was_taken = take_variable(scratch, at, length);
	return 0;
}

/* Appends the variables at `at`, each NUL-terminated; returns the position after them. */
static __always_inline __u32 put_environment(struct scratch *scratch, __u32 at, struct mm_struct *mm)
{
	struct exec_event *event = (void *)scratch->bytes;
	struct environment_walk walk = {
		.scratch = scratch,
		.from = mm->env_start,
		.end = mm->env_end,
		.room_end = at + ENVIRONMENT_BYTES,
	};

	event->environment_length = 0;
	event->environment_flags = 0;
	scratch->at = at;
	bpf_loop(ENVIRONMENT_STEPS, environment_step, &walk, 0);
	event->facts.exe_flags |= walk.exe_flags;
	/* What was not seen may be such a variable. */
	if (walk.is_steered || walk.from < walk.end)
		event->facts.exe_flags = (event->facts.exe_flags | EXE_STEERED) & ~EXE_RUNTIME_PATH;
	if (!knob_environment)
		return at;
	if (walk.from < walk.end && !(walk.flags & ENVIRONMENT_FAULT))
		walk.flags |= ENVIRONMENT_TRUNCATED;
	event->environment_flags = walk.flags | ENVIRONMENT_READ;
	if (event->text_flags & TEXT_SHORTENED) {
		event->environment_flags |= ENVIRONMENT_TRUNCATED;
		return at;
	}
	event->environment_length = scratch->at - at;
	return scratch->at;
}

#endif
