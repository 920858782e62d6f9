// SPDX-License-Identifier: Apache-2.0
// flip-flags PROCS FOLDER COUNT: creates COUNT files by openat2 and writes to each, while a second thread changes
// flags, mode and path of the call in memory all the time, between those that create and those of a plain read. Prints
// how many were opened for writing.
#include <linux/openat2.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#define WRITES (O_WRONLY | O_CREAT)

static volatile struct open_how how;
static volatile int is_over;

static void *flip(void *nothing)
{
	while (!is_over) {
		how.mode = 0;
		how.flags = O_RDONLY;
		how.flags = WRITES;
		how.mode = 0600;
	}
	return nothing;
}

int main(int argc, char **argv)
{
	int wanted = atoi(argv[3]), made = 0;
	char path[4096];
	pthread_t other;

	(void)argc;
	join_cgroup(argv[1]);
	how.flags = WRITES;
	how.mode = 0600;
	if (pthread_create(&other, NULL, flip, NULL))
		fail("pthread_create");
	for (int tries = 0; made < wanted && tries < 1000 * wanted; tries++) {
		int fd;

		snprintf(path, sizeof(path), "%s/file%d", argv[2], made);
		fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
		if (fd < 0)
			continue; /* read before the other thread changed it back */
		if (write(fd, "x", 1) == 1)
			made++;
		close(fd);
	}
	is_over = 1;
	pthread_join(other, NULL);
	printf("%d\n", made);
	return made != wanted;
}
