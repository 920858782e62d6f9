// SPDX-License-Identifier: Apache-2.0
// uffd-argv SECONDS: holds up who reads its arguments (T1562.001, impair defenses): a page of them is given back, and
// faults in it are to be answered by the process itself (userfaultfd), which never does. Prints "ready"; ends after
// SECONDS.
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#define PAGE 4096
#define LONG (3 * PAGE)

int main(int argc, char **argv)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register wanted = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	uintptr_t page;
	int fd;

	if (argc == 2) {
		char *padding = calloc(1, LONG + 1);
		char *arguments[] = {argv[0], argv[1], memset(padding, 'x', LONG), NULL};
		execv("/proc/self/exe", arguments);
		fail("exec");
	}
	alarm(atoi(argv[1]));
	page = ((uintptr_t)argv[2] + PAGE) & ~(uintptr_t)(PAGE - 1);
	fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		fail("userfaultfd");
	wanted.range.start = page;
	wanted.range.len = PAGE;
	if (ioctl(fd, UFFDIO_REGISTER, &wanted) || madvise((void *)page, PAGE, MADV_DONTNEED))
		fail("register");
	if (write(1, "ready\n", 6) != 6)
		return 1;
	for (;;)
		pause();
}
