/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Requests of ioctl(2) that are recorded: those that put input into a terminal, protect files from being changed, watch
 * or redirect a network, mount an image, erase a disk, or act as a keyboard. The processors name them
 * (processors/rule-engine/fields/kernel-names/ioctl-requests.ts). include/uapi/asm-generic/ioctls.h, linux/fs.h,
 * sockios.h, if_tun.h, loop.h, perf_event.h, uinput.h, input.h
 */
#ifndef EUNOMIA_IOCTL_REQUESTS_H
#define EUNOMIA_IOCTL_REQUESTS_H
#include <linux/types.h>

/* Not under their own names: headers of user space have some of them. */
enum ioctl_request {
	REQUEST_TIOCSTI = 0x5412,
	REQUEST_TIOCLINUX = 0x541c,
	REQUEST_TIOCCONS = 0x541d,
	REQUEST_TIOCSETD = 0x5423,
	REQUEST_UI_DEV_CREATE = 0x5501,
	REQUEST_BLKDISCARD = 0x1277,
	REQUEST_BLKSECDISCARD = 0x127d,
	REQUEST_BLKZEROOUT = 0x127f,
	REQUEST_LOOP_SET_FD = 0x4c00,
	REQUEST_LOOP_CONFIGURE = 0x4c0a,
	REQUEST_SIOCSIFFLAGS = 0x8914,
	REQUEST_PERF_EVENT_IOC_SET_BPF = 0x40042408,
	REQUEST_EVIOCGRAB = 0x40044590,
	REQUEST_TUNSETIFF = 0x400454ca,
	REQUEST_FS_IOC_SETFLAGS_32 = 0x40046602,
	REQUEST_FS_IOC_SETFLAGS_64 = 0x40086602,
	REQUEST_FS_IOC_FSSETXATTR = 0x401c5820,
};

/* By its number alone, before anything else of the call is read. */
static __always_inline _Bool is_ioctl_of_interest(__u32 request)
{
	switch (request) {
	case REQUEST_TIOCSTI:
	case REQUEST_TIOCLINUX:
	case REQUEST_TIOCCONS:
	case REQUEST_TIOCSETD:
	case REQUEST_UI_DEV_CREATE:
	case REQUEST_BLKDISCARD:
	case REQUEST_BLKSECDISCARD:
	case REQUEST_BLKZEROOUT:
	case REQUEST_LOOP_SET_FD:
	case REQUEST_LOOP_CONFIGURE:
	case REQUEST_SIOCSIFFLAGS:
	case REQUEST_PERF_EVENT_IOC_SET_BPF:
	case REQUEST_EVIOCGRAB:
	case REQUEST_TUNSETIFF:
	case REQUEST_FS_IOC_SETFLAGS_32:
	case REQUEST_FS_IOC_SETFLAGS_64:
	case REQUEST_FS_IOC_FSSETXATTR:
		return 1;
	}
	return 0;
}

#endif
