/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Whether an open is reported, by its path. Comparing texts here would require walking to the root and copying all
 * names, which is most of what sending the event costs. So a path is known by a hash of the dentries, names and mounts
 * up to the root of the process and on to the top of the file system, and of the inode, as another file may take the
 * name. The reader compares: an open whose hash has no verdict is reported with the hash as a ticket, and the reader
 * stores its verdict here. A rename changes the name, and so the hash. What is forgotten (another path took the place)
 * is reported again: never left out by mistake.
 */
#ifndef EUNOMIA_PATH_VERDICTS_BPF_H
#define EUNOMIA_PATH_VERDICTS_BPF_H
#include "record/filters.bpf.h"
#include "file/walk.bpf.h"

/* The loader sets the size, and the reader writes whole entries: one aligned store each. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PATH_VERDICTS_PER_CPU);
	__type(key, __u32);
	__type(value, __u64);
} path_verdicts SEC(".maps");

static long hash_step(__u32 step, void *context)
{
	return walk_up(context, 0);
}

/* Start of the hashes of paths of one file and open mode. Never 0, which requests no hash. */
static __always_inline __u64 path_seed(__u32 way, struct inode *inode)
{
	return mix_hash(mix_hash(filters.path_seed, way), inode->i_ino) | 1;
}

/* Steps of a walk that are made in place: a call of a callback takes longer than a step. Few files lie deeper. */
#define NEAR_STEPS 8

/* Hash of a path, from a seed; 0 for one without. */
static __always_inline __u64 hash_of_path(struct file *file, struct fs_struct *fs, __u64 seed)
{
	struct walk near = {.hash = seed}, far;

	near.dentry = file->f_path.dentry;
	near.mount = mount_of(file->f_path.mnt);
	near.root_dentry = fs->root.dentry;
	near.root_mount = mount_of(fs->root.mnt);
	for (__u32 step = 0; step < NEAR_STEPS; step++)
		if (walk_up(&near, 0))
			break;
	if (near.is_done && is_top(near.left))
		return hash_of_walk(&near);
	/* Only this one has an address: the other lives in registers. */
	far = near;
	if (!far.is_done)
		bpf_loop(WALK_STEPS, hash_step, &far, 0);
	hash_above(&far);
	return hash_of_walk(&far);
}

/* Longer arguments have no hash: they are reported. A multiple of 8. */
#define ARGUMENT_ROOM 128

struct argument {
	__u64 words[ARGUMENT_ROOM / 8]; /* zeroes after the text */
};

static __always_inline __u64 rotate(__u64 value, __u32 bits)
{
	return value << bits | value >> (64 - bits);
}

struct sip_state {
	__u64 a, b, c, d;
};

static __always_inline void sip_round(struct sip_state *sip)
{
	sip->a += sip->b;
	sip->c += sip->d;
	sip->b = rotate(sip->b, 13) ^ sip->a;
	sip->d = rotate(sip->d, 16) ^ sip->c;
	sip->a = rotate(sip->a, 32) + sip->d;
	sip->c += sip->b;
	sip->d = rotate(sip->d, 21) ^ sip->a;
	sip->b = rotate(sip->b, 17) ^ sip->c;
	sip->c = rotate(sip->c, 32);
}

/*
 * SipHash-1-3 (Aumasson, Bernstein 2012), since the caller chooses these bytes: of mix_hash() two texts with one hash
 * can be made for any seed. length: with the NUL, as bpf_probe_read_user_str() returns it. Never 0, which is no hash.
 */
static __always_inline __u64 hash_of_words(const struct argument *argument, long length)
{
	__u64 key = filters.path_seed, other = mix_hash(key, length);
	struct sip_state sip = {
		.a = key ^ 0x736f6d6570736575ULL,
		.b = other ^ 0x646f72616e646f6dULL,
		.c = key ^ 0x6c7967656e657261ULL,
		.d = other ^ 0x7465646279746573ULL,
	};

	if (length < 1 || length >= ARGUMENT_ROOM)
		return 0;
	for (__u32 word = 0; word < ARGUMENT_ROOM / 8 && word * 8 < length; word++) {
		sip.d ^= argument->words[word];
		sip_round(&sip);
		sip.a ^= argument->words[word];
	}
	sip.c ^= 0xff;
	sip_round(&sip);
	sip_round(&sip);
	sip_round(&sip);
	return (sip.a ^ sip.b ^ sip.c ^ sip.d) | 1;
}

/* Global as begin_call_record() is. Hash of a text in the memory of the caller; 0 when it is too long or not there. */
__noinline __u64 hash_of_argument(__u64 text)
{
	struct argument argument = {};

	return hash_of_words(&argument, bpf_probe_read_user_str(&argument, sizeof(argument), (const char *)text));
}

/*
 * Whether the text in the record is the one that was hashed: another thread may have changed it in between, and
 * the verdict on one text would apply to another. Call it before anything is written after the text. Global, too.
 */
__noinline int is_hashed_argument(__u32 at, __u64 hash)
{
	struct scratch *scratch = own_scratch();
	struct argument argument = {};
	long length;

	barrier_var(at);
	if (!scratch || at > SCRATCH_BYTES - ARGUMENT_ROOM)
		return 0;
	length = bpf_probe_read_kernel_str(&argument, sizeof(argument), scratch->bytes + at);
	return hash_of_words(&argument, length) == hash;
}

/* The hash of a path with the argument of the call, from that of the path; 0 when either has none. */
static __always_inline __u64 with_argument(__u64 path_hash, __u64 argument_hash)
{
	return path_hash && argument_hash ? mix_hash(path_hash, argument_hash) | 1 : 0;
}

/* PATH_EMITTED, PATH_LEFT_OUT, or 0 for none. */
static __always_inline __u32 verdict_of_path(__u64 hash)
{
	__u32 place = (hash >> 2) & filters.path_mask;
	volatile __u64 *entry = bpf_map_lookup_elem(&path_verdicts, &place);
	__u64 known = entry ? *entry : 0;

	return (known & ~(__u64)PATH_VERDICT_BITS) == (hash & ~(__u64)PATH_VERDICT_BITS) ? known & PATH_VERDICT_BITS
											 : 0;
}

#endif
