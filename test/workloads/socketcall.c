// SPDX-License-Identifier: Apache-2.0
// socketcall PROCS: i386's multiplexer of socket calls, by int 0x80 from a 64-bit program. It creates and binds a UDP
// socket and sends 5 datagrams to itself, with sendto, sendmsg and send; then it connects to a port without a
// listener. Then number 511, which records use for the multiplexer and no ABI has. Exits with 77 when the kernel has
// no i386 calls.
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#define SOCKETCALL 102
enum { SOCKET = 1, BIND = 2, CONNECT = 3, SEND = 9, SENDTO = 11, SENDMSG = 16 };

static uint32_t *arguments;

static void unsupported(int signal)
{
	_exit(77);
}

static long int80(long number, long first, long second)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(0), "S"(0), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static long socketcall(int operation, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
	long result;

	memcpy(arguments, (uint32_t[]){a, b, c, d, e, f}, 24);
	result = int80(SOCKETCALL, operation, (uint32_t)(uintptr_t)arguments);
	printf("%ld\n", result);
	fflush(stdout);
	return result;
}

int main(int argc, char **argv)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct sockaddr_in *address = (struct sockaddr_in *)(low + 64), *refused = (struct sockaddr_in *)(low + 96);
	uint32_t *message = (uint32_t *)(low + 128), *buffer = (uint32_t *)(low + 192), at = (uintptr_t)low;
	socklen_t length = sizeof(*address);
	int fd, stream;

	if (low == MAP_FAILED)
		fail("mmap");
	arguments = (uint32_t *)low;
	strcpy(low + 256, "datagram");
	address->sin_family = refused->sin_family = AF_INET;
	address->sin_addr.s_addr = refused->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	refused->sin_port = htons(1);
	buffer[0] = at + 256, buffer[1] = 8;
	message[0] = at + 64, message[1] = length, message[2] = at + 192, message[3] = 1;
	signal(SIGSEGV, unsupported);
	join_cgroup(argv[1]);
	if (int80(20, 0, 0) != getpid()) // to be sure that it is i386's table
		return 77;
	fd = socketcall(SOCKET, AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
	socketcall(BIND, fd, at + 64, length, 0, 0, 0);
	getsockname(fd, (struct sockaddr *)address, &length);
	socketcall(SENDMSG, fd, at + 128, 0, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		socketcall(SENDTO, fd, at + 256, 8, 0, at + 64, length);
	stream = socketcall(SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0, 0);
	socketcall(CONNECT, stream, at + 96, length, 0, 0, 0);
	socketcall(CONNECT, fd, at + 64, length, 0, 0, 0);
	socketcall(SEND, fd, at + 256, 8, 0, at + 96,
		   length); // send has four arguments: the address is not one of them
	syscall(511, SOCKET, low);
	return 0;
}
