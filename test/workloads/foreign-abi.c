// SPDX-License-Identifier: Apache-2.0
// foreign-abi PROCS: makes i386 calls from a 64-bit program by int 0x80: number 257 (openat here, remap_file_pages
// there), 59 and 2. None opens or executes anything by that. Exits with 77 where the kernel has no i386 calls.
#include <signal.h>

#include "join-cgroup.h"

static void unsupported(int signal)
{
	_exit(77);
}

static long int80(long number)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(int argc, char **argv)
{
	signal(SIGSEGV, unsupported);
	join_cgroup(argv[1]);
	int80(257);		   // remap_file_pages(0, ...)
	int80(59);		   // oldolduname(0)
	if (int80(20) != getpid()) // getpid, to be sure that it is i386's table
		return 77;
	return 0;
}
