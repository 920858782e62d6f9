// SPDX-License-Identifier: Apache-2.0
// Namespaces without unshare (T1611): clone3 makes each process in new ones. argv[1]: cgroup.procs to join; then flags
// in hex, one process for each.
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	if (argc < 3)
		return 98;
	join_cgroup(argv[1]);
	for (int i = 2; i < argc; i++) {
		struct clone_args clone = {.flags = strtoul(argv[i], NULL, 16), .exit_signal = SIGCHLD};
		long pid = syscall(SYS_clone3, &clone, sizeof(clone));

		if (pid < 0)
			fail("clone3");
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return 0;
}
