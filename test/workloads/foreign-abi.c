// SPDX-License-Identifier: Apache-2.0
// foreign-abi PROCS: calls of other ABIs from a 64-bit program. With int 0x80 (i386): numbers 257, 59 and 2, which
// mean other calls in the table of x86-64; then an openat of /etc/hostname, an open and a creat of absent files, and
// an execve that fails. Then number 257 of the x32 ABI. Exits with 77 when the kernel has no i386 calls.
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

static void unsupported(int signal)
{
	_exit(77);
}

static long int80(long number, long first, long second, long third, long fourth)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(int argc, char **argv)
{
	// i386 calls have 32-bit pointers: their arguments must be below 4 GiB.
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *arguments = (uint32_t *)(low + 512);

	if (low == MAP_FAILED)
		fail("mmap");
	strcpy(low, "/etc/hostname");
	strcpy(low + 64, "/absent/file");
	strcpy(low + 128, "two words");
	arguments[0] = (uint32_t)(uintptr_t)(low + 64);
	arguments[1] = (uint32_t)(uintptr_t)(low + 128);
	signal(SIGSEGV, unsupported);
	join_cgroup(argv[1]);
	int80(257, 0, 0, 0, 0);		       // remap_file_pages
	int80(59, 0, 0, 0, 0);		       // oldolduname
	if (int80(20, 0, 0, 0, 0) != getpid()) // to be sure that it is i386's table
		return 77;
	int80(295, AT_FDCWD, (long)low, O_RDONLY, 0);
	int80(5, (long)(low + 64), O_WRONLY | O_CREAT, 0640, 0);
	int80(8, (long)(low + 64), 0604, 0, 0);
	int80(11, (long)(low + 64), (long)arguments, 0, 0);
	syscall(0x40000000 | SYS_openat, AT_FDCWD, low, O_RDONLY, 0);
	return 0;
}
