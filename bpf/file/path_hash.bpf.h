/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A hash that identifies a path: of the dentries, their names and the mounts that a walk met (walk.bpf.h). The same
 * objects with the same names make the same path. The seed is secret and random, so nobody can search for two paths of
 * one hash. A name enters as the kernel's own hash of it (full_name_hash(), salted by the parent).
 */
#ifndef EUNOMIA_PATH_HASH_BPF_H
#define EUNOMIA_PATH_HASH_BPF_H
#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include "kernel/file.h"

static __always_inline __u64 mix_hash(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL; /* 2^64 / golden ratio */
	return hash ^ hash >> 29;
}

/*
 * Two addresses and two numbers. The verifier allows no arithmetic on pointers, but the difference of two is a number
 * for it, and so is the low half of one: together they determine both addresses.
 */
static __always_inline __u64 mix_addresses(__u64 hash, void *first, void *second, __u32 number, __u32 other)
{
	__u64 apart = (char *)first - (char *)second;
	__u32 low;

	barrier_var(apart);
	/* A move of the half register; the compiler would shift the whole one. */
	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)(__u64)first));
	return mix_hash(mix_hash(mix_hash(hash, apart), (__u64)number << 32 | low), other);
}

/* include/linux/dcache.h: the file system has its own hash, in which different names (in case) may have the same. */
#define DCACHE_OP_HASH 0x1

/* False for a name whose hash does not identify it; the kernel makes no hash for names of pseudo files. */
static __always_inline _Bool has_name_hash(struct dentry *dentry)
{
	return !(dentry->d_flags & DCACHE_OP_HASH) && dentry->d_name.hash;
}

/* Loads before it are done before those after it: an atomic operation that returns its result is a full barrier in BPF.
 * x86 always orders loads. */
static __always_inline void order_loads(void)
{
#if !defined(__TARGET_ARCH_x86)
	__u64 any = 0;

	__sync_fetch_and_add(&any, 1);
	barrier_var(any);
#endif
}

/* The name by its hash and length. */
static __always_inline __u64 mix_dentry(__u64 hash, void *address, void *parent, struct dentry *dentry)
{
	return mix_addresses(hash, address, parent, dentry->d_name.hash, dentry->d_name.len);
}

/* Odd while a rename changes name and parent, another number after it: __d_move() in fs/dcache.c. Always odd where
 * it can't be read: no path has a hash there. */
static __always_inline __u32 rename_count(struct dentry *dentry)
{
	if (!bpf_core_field_exists(dentry->d_seq.seqcount.sequence))
		return 1;
	return *(volatile __u32 *)&dentry->d_seq.seqcount.sequence;
}

#endif
