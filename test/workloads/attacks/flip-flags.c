// SPDX-License-Identifier: Apache-2.0
// flip-flags PROCS FOLDER COUNT: creates COUNT files by openat2 and writes to each. The kernel copies flags and mode,
// then the path, which lies on a page that a second thread provides (userfaultfd): before it does so, it changes flags
// and mode in memory to those of a plain read. So they differ at the end of each call. Prints how many files were
// written.
#include <linux/openat2.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#define PAGE 4096

static volatile struct open_how how;
static char page[PAGE] __attribute__((aligned(PAGE)));
static char *path;
static int faults;

static void *provide(void *nothing)
{
	struct uffd_msg message;

	while (read(faults, &message, sizeof(message)) == sizeof(message)) {
		struct uffdio_copy copy = {.dst = (uintptr_t)path, .src = (uintptr_t)page, .len = PAGE};

		how.flags = O_RDONLY;
		how.mode = 0;
		ioctl(faults, UFFDIO_COPY, &copy);
	}
	return nothing;
}

int main(int argc, char **argv)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	int wanted = atoi(argv[3]), written = 0;
	pthread_t other;

	(void)argc;
	join_cgroup(argv[1]);
	path = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	faults = syscall(SYS_userfaultfd, O_CLOEXEC);
	range.range.start = (uintptr_t)path;
	range.range.len = PAGE;
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range))
		fail("userfaultfd");
	if (pthread_create(&other, NULL, provide, NULL))
		fail("pthread_create");
	for (int i = 0; i < wanted; i++) {
		int fd;

		madvise(path, PAGE, MADV_DONTNEED);
		snprintf(page, sizeof(page), "%s/file%d", argv[2], i);
		how.flags = O_WRONLY | O_CREAT;
		how.mode = 0600;
		fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
		if (fd < 0)
			fail("openat2");
		written += write(fd, "x", 1) == 1;
		close(fd);
	}
	printf("%d\n", written);
	return written != wanted;
}
