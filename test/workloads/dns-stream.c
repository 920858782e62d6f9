// SPDX-License-Identifier: Apache-2.0
// dns-stream PROCS ADDRESS: DNS over TCP with itself at port 53 of a loopback address, with the calls that resolvers
// and servers use. Prints for each call "message CALL" when it begins a message, "other" when it does not.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "join-cgroup.h"

static int client, server;

// One question for the address of q.example, with `answers` answers of 10.0.0.7.
static size_t message(unsigned char *to, int is_answer, int answers)
{
	static const unsigned char question[] = "\1q\7example\0\0\1\0\1";
	static const unsigned char answer[] = "\300\14\0\1\0\1\0\0\0\74\0\4\12\0\0\7";
	size_t length = 12;

	memset(to, 0, 12);
	to[0] = 0x12;
	to[1] = 0x34;
	to[2] = is_answer ? 0x81 : 0x01;
	to[3] = is_answer ? 0x80 : 0;
	to[5] = 1;
	to[6] = answers >> 8;
	to[7] = answers;
	memcpy(to + length, question, sizeof(question) - 1);
	length += sizeof(question) - 1;
	for (int i = 0; i < answers; i++, length += sizeof(answer) - 1)
		memcpy(to + length, answer, sizeof(answer) - 1);
	return length;
}

static void moved(const char *what, long result, size_t wanted)
{
	if (result != (long)wanted)
		fail(what);
	puts(what);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
	unsigned char bytes[4096], length[2], got[4096];
	struct iovec parts[2] = {{length, 2}, {bytes, 0}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, pipes[2];
	size_t size;

	inet_pton(AF_INET, argv[2], &address.sin_addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 3))
		fail("listen");
	join_cgroup(argv[1]);
	client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(client, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	server = accept(listener, NULL, NULL);

	// glibc: length and question in two buffers; a server that reads them in one call
	size = parts[1].iov_len = message(bytes, 0, 0);
	length[0] = size >> 8;
	length[1] = size;
	moved("message writev", writev(client, parts, 2), size + 2);
	moved("message read", read(server, got, sizeof(got)), size + 2);
	// a server that answers in one buffer; glibc, which reads the length first
	size = message(bytes + 2, 1, 1);
	bytes[0] = size >> 8;
	bytes[1] = size;
	moved("message sendto", send(server, bytes, size + 2, 0), size + 2);
	moved("other", read(client, got, 2), 2);
	if (recv(client, got, size, MSG_PEEK) != (long)size) // leaves the data in the socket
		fail("peek");
	puts("other");
	moved("message read", read(client, got, size), size);
	// musl: sendmsg and recvmsg of two buffers
	size = parts[1].iov_len = message(bytes, 0, 0);
	length[0] = size >> 8;
	length[1] = size;
	moved("message sendmsg", sendmsg(client, &header, 0), size + 2);
	moved("message recvmsg", recvmsg(server, &header, 0), size + 2);
	// a long answer in two pieces: the first has the question, and its length says that more follows
	size = message(bytes + 2, 1, 100);
	bytes[0] = size >> 8;
	bytes[1] = size;
	moved("message write", write(server, bytes, 102), 102);
	moved("other", write(server, bytes + 102, size - 100), size - 100);
	moved("message read", read(client, got, 102), 102);
	moved("other", recv(client, got, size - 100, MSG_WAITALL), size - 100);
	// not DNS
	moved("other", write(client, "GET / HTTP/1.0\r\nHost: x\r\n\r\n", 27), 27);
	moved("other", read(server, got, 27), 27);
	// not a socket
	size = message(bytes, 0, 0);
	if (pipe(pipes) || write(pipes[1], bytes, size) != (long)size || read(pipes[0], got, size) != (long)size)
		fail("pipe");
	close(client);
	close(server);
	return 0;
}
