// SPDX-License-Identifier: Apache-2.0
// Does one thing that detections look for. The name that it is run under (argv[0]) selects which one.
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

static void run(char *const argv[])
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		execv(argv[0], argv);
		fail(argv[0]);
	}
	waitpid(pid, NULL, 0);
}

/* A web server that starts a shell. */
static void nginx(void)
{
	char *const shell[] = {"/bin/sh", "-c", "true", NULL};

	run(shell);
}

/* A login as a service account. */
static void sshd(void)
{
	char *const program[] = {"/bin/true", NULL};

	if (setgid(65534) || setuid(65534))
		fail("setuid");
	run(program);
}

/* A server that reads the shadow file long after its start. */
static void httpd(void)
{
	sleep(6);
	close(open("/etc/shadow", O_RDONLY));
}

/* Standard input is a socket. */
static void redirect(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	if (sock < 0 || dup2(sock, 0) < 0)
		fail("dup2");
}

static void release_agent(void)
{
	close(open("/tmp/release_agent", O_WRONLY | O_CREAT, 0600));
}

static void insert(void)
{
	syscall(SYS_init_module, "no module", 9, "");
}

static void attach(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid == 0)
		for (;;)
			pause();
	ptrace(PTRACE_ATTACH, pid, 0, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void traceme(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static void packet(void)
{
	if (socket(AF_PACKET, SOCK_RAW, 0) < 0)
		fail("packet socket");
}

/* 192.0.2.1, which the test assigns to the loopback device. */
#define ADDRESS 0xc0000201

static void connect_to(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ADDRESS)};
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 1) ||
	    connect(client, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
}

/* A connection to a public network, to a port that is not that of ssh. */
static void ssh(void)
{
	connect_to(443);
}

/* Queries the name of the Kubernetes API server, answers the query itself, and connects. */
static void kubernetes(void)
{
	static const char question[] = "\0\7\1\0\0\1\0\0\0\0\0\0"
				       "\12kubernetes\7default\3svc\7cluster\5local\0\0\1\0\1";
	static const char answer[] = "\0\7\201\200\0\1\0\1\0\0\0\0"
				     "\12kubernetes\7default\3svc\7cluster\5local\0\0\1\0\1"
				     "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1";
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	int server = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
	char buffer[512];

	if (bind(server, (struct sockaddr *)&address, sizeof(address)) ||
	    sendto(client, question, sizeof(question) - 1, 0, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    recvfrom(server, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &length) < 0 ||
	    sendto(server, answer, sizeof(answer) - 1, 0, (struct sockaddr *)&from, length) < 0 ||
	    recvfrom(client, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &length) < 0)
		fail("dns");
	connect_to(6443);
}

/* A program without a file. */
static void memfd(void)
{
	char *const argv[] = {"nothing", NULL};
	char *const none[] = {NULL};
	static char buffer[1 << 16];
	int from = open("/proc/self/exe", O_RDONLY), to = memfd_create("x", MFD_CLOEXEC);
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, length) != length)
			fail("write");
	fexecve(to, argv, none);
	fail("fexecve");
}

int main(int argc, char **argv)
{
	const struct {
		const char *name;
		void (*act)(void);
	} acts[] = {
		{"nginx", nginx},
		{"sshd", sshd},
		{"httpd", httpd},
		{"redirect", redirect},
		{"release_agent", release_agent},
		{"insert", insert},
		{"attach", attach},
		{"traceme", traceme},
		{"memfd", memfd},
		{"packet", packet},
		{"ssh", ssh},
		{"kubernetes", kubernetes},
	};
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];

	for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(name, acts[i].name) == 0)
			acts[i].act();
	return 0;
}
