// SPDX-License-Identifier: Apache-2.0
// old-abi PROCS FOLDER: calls of the 32-bit ABI (int 0x80) from a 64-bit program, whose numbers mean others in the
// native table: umount as i386 had it first, lengths of 64 bits in two registers, times of 32 and of 64 bits, and an
// attempt to set the clock with an address that is none. Then a call of the x32 ABI. Prints one line for each call of
// i386, in order: name of the event, result (0 or a negative errno). Exits with 77 when the kernel has no i386 calls.
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#define LONG_AGO 1577836800

static void unsupported(int signal)
{
	_exit(77);
}

static void int80(const char *call, long number, long first, long second, long third, long fourth)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	printf("%s %d\n", call, (int)result);
}

int main(int argc, char **argv)
{
	/* i386 calls have 32-bit pointers: their arguments must be below 4 GiB. */
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int32_t *narrow = (int32_t *)(low + 512);
	int64_t *wide = (int64_t *)(low + 640);
	long place = (long)low, file = (long)(low + 64), name = (long)(low + 128);

	if (low == MAP_FAILED || chdir(argv[2]) || mkdir("place", 0700) || mount("none", "place", "tmpfs", 0, NULL))
		fail(argv[2]);
	close(creat("file", 0600));
	strcpy(low, "place");
	strcpy(low + 64, "file");
	strcpy(low + 128, "trusted.i386");
	narrow[0] = narrow[2] = LONG_AGO; /* struct timespec, twice */
	narrow[4] = narrow[5] = LONG_AGO; /* struct utimbuf */
	wide[0] = wide[2] = LONG_AGO;
	signal(SIGSEGV, unsupported);
	join_cgroup(argv[1]);
	fflush(stdout);
	int80("umount", 22, place, 0xff, 0, 0);
	int80("stime", 25, -4096, 0, 0, 0);
	int80("truncate", 92, file, 5, -1, 0);
	int80("truncate", 193, file, 7, 1, 0);
	int80("utime", 30, file, (long)(narrow + 4), 0, 0);
	int80("utimensat", 320, AT_FDCWD, file, (long)narrow, 0);
	int80("utimensat", 412, AT_FDCWD, file, (long)wide, 0);
	int80("setxattr", 226, file, name, name, 3);
	syscall(0x40000000 | SYS_truncate, "file", 0);
	return 0;
}
