// SPDX-License-Identifier: Apache-2.0
// swaps PROCS FOLDER COUNT [PATH]: opens a file deep below FOLDER for reading, COUNT times, while another thread
// closes the descriptor as soon as it exists; with PATH, the thread replaces it by a file that this process has
// created. The kernel reads the descriptor twice, with the long walk to the root between.
#include <pthread.h>
#include <sys/stat.h>

#include "join-cgroup.h"

/* About the number of steps of the walk. */
#define DEPTH  2200
/* Iterations of an empty loop before the descriptor is closed, up to DELAYS times DELAY depending on the round: other
 * programs may handle the open first, so the time at which ours run is unknown. */
#define DELAYS 256
#define DELAY  1500

static int descriptor, replacement = -1;
static volatile long opening, swapped;

static void *swap(void *count)
{
	for (long round = 1; round <= (long)count; round++) {
		while (opening != round || fcntl(descriptor, F_GETFD) < 0)
			;
		for (volatile long spin = round % DELAYS * DELAY; spin > 0; spin--)
			;
		if (replacement < 0)
			close(descriptor);
		else
			dup2(replacement, descriptor);
		swapped = round;
	}
	return NULL;
}

static void go_down(const char *folder)
{
	if (chdir(folder))
		fail(folder);
	for (int level = 0; level < DEPTH; level++)
		if ((mkdir("d", 0700) && errno != EEXIST) || chdir("d"))
			fail("d");
}

int main(int argc, char **argv)
{
	long count = atol(argv[3]);
	pthread_t thread;

	go_down(argv[2]);
	close(open("file", O_RDONLY | O_CREAT, 0600));
	if (argc > 4 && (replacement = open(argv[4], O_RDONLY | O_CREAT | O_EXCL, 0600)) < 0)
		fail(argv[4]);
	join_cgroup(argv[1]);
	/* Each open gets the lowest free descriptor. */
	descriptor = dup(0);
	close(descriptor);
	if (pthread_create(&thread, NULL, swap, (void *)count))
		return 1;
	for (long round = 1; round <= count; round++) {
		opening = round;
		if (open("file", O_RDONLY | O_CREAT, 0600) != descriptor)
			fail("file");
		while (swapped != round)
			;
		close(descriptor);
	}
	pthread_join(thread, NULL);
	return 0;
}
