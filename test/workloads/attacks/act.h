/* SPDX-License-Identifier: Apache-2.0 */
/* A program of several acts: argv[1] names one, the rest are its arguments. An act may fail, as attempts do: it says so
 * and the program ends with 0, because what counts is that the call was made. */
#ifndef ACT_H
#define ACT_H
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct act {
	const char *name;
	void (*run)(char **arguments); /* NULL-terminated */
};

/* Prints the result of a call: what a reader of the test's output needs when an expected event is missing. */
static inline void report(const char *call, long result)
{
	if (result < 0)
		printf("%s: %s\n", call, strerror(errno));
	else
		printf("%s: %ld\n", call, result);
}

static inline int run_act(const struct act *acts, unsigned count, int argc, char **argv)
{
	for (unsigned i = 0; argc > 1 && i < count; i++)
		if (strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv + 2);
			return 0;
		}
	fprintf(stderr, "no such act\n");
	return 99;
}

#endif
