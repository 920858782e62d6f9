// SPDX-License-Identifier: Apache-2.0
// exits PROCS: children that end in four ways: with status 7, by SIGKILL, by a thread that outlives its leader and
// ends with status 3, and with a leader that ends before its two threads. Prints pid and wait status of each, in this
// order.
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

static void *outlive(void *status)
{
	// The leader has ended when its state is Z (zombie).
	char state = 0, path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	while (state != 'Z') {
		FILE *stat = fopen(path, "r");
		if (!stat || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			fail(path);
		fclose(stat);
	}
	if (status)
		exit((int)(long)status);
	return NULL;
}

static void child(int how)
{
	pthread_t thread;

	if (how == 0)
		exit(7);
	if (how == 1)
		raise(SIGKILL);
	if (how == 2)
		pthread_create(&thread, NULL, outlive, (void *)3L);
	if (how == 3) {
		pthread_create(&thread, NULL, outlive, NULL);
		pthread_create(&thread, NULL, outlive, NULL);
	}
	syscall(SYS_exit, 5); // this thread only, not exit_group
}

int main(int argc, char **argv)
{
	join_cgroup(argv[1]);
	for (int how = 0; how < 4; how++) {
		int status = 0;
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0)
			child(how);
		waitpid(pid, &status, 0);
		dprintf(STDOUT_FILENO, "%d %d\n", pid, status); // not buffered: a child would print it again
	}
	return 0;
}
