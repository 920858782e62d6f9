// SPDX-License-Identifier: Apache-2.0
// unknown-calls PROCS MADE_UP: calls with numbers that no table has, as those of a newer kernel or of another ABI that
// nobody watches: 600 and 5000 natively, 600 of i386, and 600 of x32; then MADE_UP numbers from 100,000 on. Exits with
// 77 when the kernel has no i386 calls.
#include <signal.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

static void unsupported(int signal)
{
	_exit(77);
}

int main(int argc, char **argv)
{
	long made_up = atol(argv[2]), result;

	signal(SIGSEGV, unsupported);
	join_cgroup(argv[1]);
	syscall(600);
	syscall(600);
	syscall(5000);
	syscall(0x40000000 | 600);
	for (long i = 0; i < made_up; i++)
		syscall(100000 + i);
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(600) : "memory", "r8", "r9", "r10", "r11");
	return 0;
}
