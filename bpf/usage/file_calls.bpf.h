/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Calls that read from files and write to them, by the numbers of each ABI, and which descriptors they name. */
#ifndef EUNOMIA_USAGE_FILE_CALLS_BPF_H
#define EUNOMIA_USAGE_FILE_CALLS_BPF_H
#include <linux/types.h>

/* Argument of the descriptor that is read, and of that which is written; NO_ARGUMENT for none. */
struct file_call {
	__u32 read;
	__u32 written;
};

#define NO_ARGUMENT 0xff
#define READS	    ((struct file_call){0, NO_ARGUMENT})
#define WRITES	    ((struct file_call){NO_ARGUMENT, 0})
/* sendfile(out, in), copy_file_range(in, offset, out) */
#define SENDS	    ((struct file_call){1, 0})
#define COPIES	    ((struct file_call){0, 2})
#define NEITHER	    ((struct file_call){NO_ARGUMENT, NO_ARGUMENT})

static __always_inline struct file_call native_file_call(__u32 number)
{
	switch (number) {
#if defined(__TARGET_ARCH_x86)
	case 0:	  /* read */
	case 17:  /* pread64 */
	case 19:  /* readv */
	case 295: /* preadv */
	case 327: /* preadv2 */
		return READS;
	case 1:	  /* write */
	case 18:  /* pwrite64 */
	case 20:  /* writev */
	case 296: /* pwritev */
	case 328: /* pwritev2 */
		return WRITES;
	case 40: /* sendfile */
		return SENDS;
	case 326: /* copy_file_range */
		return COPIES;
#else
	case 63:  /* read */
	case 65:  /* readv */
	case 67:  /* pread64 */
	case 69:  /* preadv */
	case 286: /* preadv2 */
		return READS;
	case 64:  /* write */
	case 66:  /* writev */
	case 68:  /* pwrite64 */
	case 70:  /* pwritev */
	case 287: /* pwritev2 */
		return WRITES;
	case 71: /* sendfile */
		return SENDS;
	case 285: /* copy_file_range */
		return COPIES;
#endif
	}
	return NEITHER;
}

/* arch/x86/entry/syscalls/syscall_32.tbl; arm's 32-bit calls have the same numbers but for the later ones. */
static __always_inline struct file_call compat_file_call(__u32 number)
{
	switch (number) {
	case 3:	  /* read */
	case 145: /* readv */
	case 180: /* pread64 */
		return READS;
	case 4:	  /* write */
	case 146: /* writev */
	case 181: /* pwrite64 */
		return WRITES;
	case 187: /* sendfile */
	case 239: /* sendfile64 */
		return SENDS;
#if defined(__TARGET_ARCH_x86)
	case 333: /* preadv */
	case 378: /* preadv2 */
		return READS;
	case 334: /* pwritev */
	case 379: /* pwritev2 */
		return WRITES;
	case 377: /* copy_file_range */
		return COPIES;
#endif
	}
	return NEITHER;
}

#endif
