// SPDX-License-Identifier: Apache-2.0
// under-filter NUMBERS PROGRAM ARGS...: executes PROGRAM, which may make only the system calls of NUMBERS (separated
// by commas) and gets EPERM for all others, like a service with a system call filter.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

static struct sock_filter filter[BPF_MAXINSNS];
static unsigned short length;

static void put(unsigned short code, unsigned int k, unsigned char yes, unsigned char no)
{
	if (length == BPF_MAXINSNS)
		exit(99);
	filter[length++] = (struct sock_filter)BPF_JUMP(code, k, yes, no);
}

int main(int argc, char **argv)
{
	struct sock_fprog program = {.filter = filter};

	if (argc < 3)
		return 99;
	put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	put(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
	put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	for (char *number = strtok(argv[1], ","); number; number = strtok(NULL, ",")) {
		put(BPF_JMP | BPF_JEQ | BPF_K, strtoul(number, NULL, 10), 0, 1);
		put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	}
	put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
	program.len = length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 99;
	execvp(argv[2], argv + 2);
	return 99;
}
