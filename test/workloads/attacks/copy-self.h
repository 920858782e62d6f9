/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks that run as a copy of themselves. */
#ifndef COPY_SELF_H
#define COPY_SELF_H
#include "../join-cgroup.h"

/* Writes the file of this program to an open one, and returns that. */
static inline int copy_self(int to)
{
	int from = open("/proc/self/exe", O_RDONLY);
	char buffer[65536];
	ssize_t length;

	if (from < 0 || to < 0)
		fail("copy");
	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, length) != length)
			fail("write");
	close(from);
	return to;
}

#endif
