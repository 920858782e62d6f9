// SPDX-License-Identifier: Apache-2.0
// paced-opens RATE SECONDS: opens and closes /dev/null RATE times a second, spread over each millisecond. Prints the
// number of opens.
#include <time.h>

#include "join-cgroup.h"

#define TICK_NS 1000000L

int main(int argc, char **argv)
{
	long rate = atol(argv[1]), ticks = atol(argv[2]) * 1000, done = 0;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long tick = 1; tick <= ticks; tick++) {
		for (; done < rate * tick / 1000; done++)
			close(open("/dev/null", O_RDONLY));
		next.tv_nsec += TICK_NS;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_sec++;
			next.tv_nsec -= 1000000000L;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	printf("%ld\n", done);
	return 0;
}
