// SPDX-License-Identifier: Apache-2.0
// pid-reuse PID FILE: hides behind an exemption of another process (T1564, hide artifacts): a child takes the process
// id that a dead collector had, and opens FILE. Here by clone3 with set_tid, which root may; others fork until they get
// it.
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	pid_t wanted = argc == 3 ? atoi(argv[1]) : 0, child;
	struct clone_args how = {.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&wanted, .set_tid_size = 1};
	int status = 0;

	child = wanted ? syscall(SYS_clone3, &how, sizeof(how)) : -1;
	if (child < 0)
		fail("clone3");
	if (!child)
		_exit(open(argv[2], O_RDONLY) < 0);
	if (child != wanted || waitpid(child, &status, 0) != child)
		fail("wait");
	return WEXITSTATUS(status);
}
