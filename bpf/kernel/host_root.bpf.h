/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Whether a process sees the files of the host as the host does: its root is that of the host's first process. */
#ifndef EUNOMIA_HOST_ROOT_BPF_H
#define EUNOMIA_HOST_ROOT_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel/file.h"
#include "record/knobs.bpf.h"

/* Addresses pass loops as plain numbers; bpf_core_cast makes them readable by plain loads that give 0 on a bad
 * address. */
static __always_inline struct mount *mount_of(struct vfsmount *mount)
{
	return (struct mount *)((char *)mount - bpf_core_field_offset(struct mount, mnt));
}

/*
 * A mount belongs to one mount namespace, so the root alone decides: a process that entered a root of the host from
 * another namespace sees the host, too. False when the root of the host is not known.
 */
static __always_inline _Bool is_host_root(struct mount *mount, void *dentry)
{
	return knob_host_root_mount && (__u32)mount->mnt_id == knob_host_root_mount && dentry == mount->mnt.mnt_root;
}

#endif
