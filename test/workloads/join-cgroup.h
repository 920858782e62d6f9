/* SPDX-License-Identifier: Apache-2.0 */
/* What every workload starts with: it moves itself into the cgroup whose cgroup.procs is argv[1], so that its events
 * are distinguished from others. */
#ifndef JOIN_CGROUP_H
#define JOIN_CGROUP_H
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(99);
}

/* "-" for none. */
static inline void join_cgroup(const char *procs)
{
	int fd;

	if (!strcmp(procs, "-"))
		return;
	fd = open(procs, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(procs);
	close(fd);
}

#endif
