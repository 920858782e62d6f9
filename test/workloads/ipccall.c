// SPDX-License-Identifier: Apache-2.0
// ipccall PROCS: i386's multiplexer of System V IPC, by int 0x80 from a 64-bit program. It creates a shared memory
// segment, attaches it (which needs memory for the address) and removes it, and creates semaphores and a queue. Then a
// semop, which has no event, and an operation that does not exist. Exits with 77 when the kernel has no i386 calls.
#include <signal.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>

#include "join-cgroup.h"

#define IPC 117
enum { SEMOP = 1, SEMGET = 2, SEMCTL = 3, MSGGET = 13, MSGCTL = 14, SHMAT = 21, SHMGET = 23, SHMCTL = 24 };

static void unsupported(int signal)
{
	_exit(77);
}

static long ipc(long operation, long first, long second, long third, long pointer)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(IPC), "b"(operation), "c"(first), "d"(second), "S"(third), "D"(pointer)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static long getpid_of_i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

int main(int argc, char **argv)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t at = (uintptr_t)low;
	long segment;

	if (low == MAP_FAILED)
		fail("mmap");
	signal(SIGSEGV, unsupported);
	join_cgroup(argv[1]);
	if (getpid_of_i386() != getpid()) // to be sure that it is i386's table
		return 77;
	segment = ipc(SHMGET, IPC_PRIVATE, 8192, 0600, 0);
	ipc(SHMAT, segment, 010000, at, 0); // SHM_RDONLY
	ipc(SHMCTL, segment, IPC_RMID, 0, 0);
	ipc(SEMGET, 0x4711, 3, 0, 0);
	ipc(SEMCTL, 0x7fff0000, 1, IPC_RMID, at);
	ipc(MSGGET, 0x4711, 0, 0, 0);
	ipc(1 << 16 | MSGCTL, 0x7fff0000, IPC_RMID, 0, 0);
	ipc(SEMOP, 0x7fff0000, 1, 0, at);
	ipc(99, 0, 0, 0, 0);
	return 0;
}
