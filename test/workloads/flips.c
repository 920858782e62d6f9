// SPDX-License-Identifier: Apache-2.0
// flips PROCS FOLDER NAME COUNT: opens FOLDER/./NAME COUNT times, while another thread changes the text to
// FOLDER///NAME and back: when the kernel reads an argument twice, it may see two different texts.
#include <pthread.h>

#include "join-cgroup.h"

static char path[4096];
static volatile char *flipped;
static volatile int is_done;

static void *flip(void *nothing)
{
	while (!is_done)
		*flipped = *flipped == '.' ? '/' : '.';
	return nothing;
}

int main(int argc, char **argv)
{
	long count = atol(argv[4]);
	pthread_t thread;

	snprintf(path, sizeof(path), "%s/./%s", argv[2], argv[3]);
	flipped = path + strlen(argv[2]) + 1;
	join_cgroup(argv[1]);
	if (pthread_create(&thread, NULL, flip, NULL))
		return 1;
	for (long i = 0; i < count; i++)
		close(open(path, O_RDONLY));
	is_done = 1;
	pthread_join(thread, NULL);
	return 0;
}
