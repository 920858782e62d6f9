// SPDX-License-Identifier: Apache-2.0
// ring-calls PROCS FOLDER PORT: reads, plants, moves and removes files and opens connections through io_uring, which no
// filter of system calls sees (T1106). Hides two opens from those who wait for completions: one whose completion is
// skipped, one whose completion overflows its queue. Prints one line for each operation, in order: the system call that
// does the same, result (0 for a descriptor, or a negative errno).
#include <linux/openat2.h>
#include <linux/xattr.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "ring.h"

#define OP_FTRUNCATE 55
#define OP_BIND	     56
#define OP_LISTEN    57
/* Of a ring of 4 entries. */
#define COMPLETIONS  8

static void report(struct ring *ring, const char *call, struct io_uring_sqe entry)
{
	int result = run(ring, &entry);

	printf("%s %d\n", call, result < 0 ? result : 0);
}

#define TEXT(text) (unsigned long)(text)

static void files(struct ring *ring, int folder, int file)
{
	struct open_how how = {.flags = O_RDONLY};

	report(ring, "openat",
	       (struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = TEXT("secret")});
	report(ring, "openat",
	       (struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
				     .fd = folder,
				     .addr = TEXT("./planted"),
				     .open_flags = O_CREAT | O_WRONLY,
				     .len = 0600});
	report(ring, "openat2",
	       (struct io_uring_sqe){.opcode = IORING_OP_OPENAT2,
				     .fd = AT_FDCWD,
				     .addr = TEXT("absent"),
				     .addr2 = TEXT(&how),
				     .len = sizeof(how)});
	report(ring, "renameat2",
	       (struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT,
				     .fd = AT_FDCWD,
				     .addr = TEXT("planted"),
				     .addr2 = TEXT("moved"),
				     .len = AT_FDCWD});
	report(ring, "linkat",
	       (struct io_uring_sqe){.opcode = IORING_OP_LINKAT,
				     .fd = AT_FDCWD,
				     .addr = TEXT("moved"),
				     .addr2 = TEXT("linked"),
				     .len = AT_FDCWD});
	report(ring, "symlinkat",
	       (struct io_uring_sqe){.opcode = IORING_OP_SYMLINKAT,
				     .fd = AT_FDCWD,
				     .addr = TEXT("/etc/shadow"),
				     .addr2 = TEXT("symlink")});
	report(ring, "mkdirat",
	       (struct io_uring_sqe){.opcode = IORING_OP_MKDIRAT, .fd = folder, .addr = TEXT("made"), .len = 0700});
	report(ring, "unlinkat",
	       (struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = TEXT("linked")});
	report(ring, "unlinkat",
	       (struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT,
				     .fd = AT_FDCWD,
				     .addr = TEXT("made"),
				     .unlink_flags = AT_REMOVEDIR});
	report(ring, "ftruncate", (struct io_uring_sqe){.opcode = OP_FTRUNCATE, .fd = file, .off = 3});
	report(ring, "setxattr",
	       (struct io_uring_sqe){.opcode = IORING_OP_SETXATTR,
				     .addr = TEXT("trusted.ring"),
				     .addr2 = TEXT("x"),
				     .addr3 = TEXT("secret"),
				     .len = 1,
				     .xattr_flags = XATTR_CREATE});
	report(ring, "fsetxattr",
	       (struct io_uring_sqe){.opcode = IORING_OP_FSETXATTR,
				     .fd = file,
				     .addr = TEXT("trusted.descriptor"),
				     .addr2 = TEXT("xy"),
				     .len = 2});
}

static void sockets(struct ring *ring, int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in closed = {
		.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int caller = socket(AF_INET, SOCK_STREAM, 0), server = socket(AF_INET, SOCK_STREAM, 0);
	int refused = socket(AF_INET, SOCK_STREAM, 0);

	report(ring, "connect",
	       (struct io_uring_sqe){
		       .opcode = IORING_OP_CONNECT, .fd = caller, .addr = TEXT(&address), .off = sizeof(address)});
	report(ring, "connect",
	       (struct io_uring_sqe){
		       .opcode = IORING_OP_CONNECT, .fd = refused, .addr = TEXT(&closed), .off = sizeof(closed)});
	report(ring, "bind",
	       (struct io_uring_sqe){.opcode = OP_BIND, .fd = server, .addr = TEXT(&any), .addr2 = sizeof(any)});
	report(ring, "listen", (struct io_uring_sqe){.opcode = OP_LISTEN, .fd = server, .len = 5});
}

/* Completions that nobody sees. */
static void hidden(struct ring *ring)
{
	const struct io_uring_sqe nop = {.opcode = IORING_OP_NOP};
	struct io_uring_sqe secret = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = TEXT("secret")};

	secret.flags = IOSQE_CQE_SKIP_SUCCESS;
	submit(ring, &secret, 0);
	run(ring, &nop);
	printf("openat 0\n");
	for (int i = 0; i < COMPLETIONS; i++)
		submit(ring, &nop, 0);
	secret.flags = 0;
	secret.user_data = 77;
	submit(ring, &secret, 0);
	printf("openat 0\n");
}

int main(int argc, char **argv)
{
	struct ring ring;
	int folder, file;

	if (chdir(argv[2]))
		fail(argv[2]);
	folder = open(".", O_RDONLY | O_DIRECTORY);
	file = open("secret", O_CREAT | O_RDWR, 0600);
	if (folder < 0 || file < 0)
		fail("open");
	join_cgroup(argv[1]);
	open_ring(&ring);
	files(&ring, folder, file);
	sockets(&ring, atoi(argv[3]));
	hidden(&ring);
	return 0;
}
