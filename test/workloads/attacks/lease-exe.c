// SPDX-License-Identifier: Apache-2.0
// lease-exe FILE SECONDS: holds up who opens FILE, its own (T1562.001, impair defenses): it takes a write lease and
// does not give it back, so that an open waits for /proc/sys/fs/lease-break-time. Prints "ready"; ends after SECONDS.
#include <fcntl.h>
#include <signal.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		return 99;
	alarm(atoi(argv[2]));
	signal(SIGIO, SIG_IGN);
	fd = open(argv[1], O_RDWR);
	if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK))
		fail("lease");
	if (write(1, "ready\n", 6) != 6)
		return 1;
	for (;;)
		pause();
}
