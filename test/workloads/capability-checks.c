// SPDX-License-Identifier: Apache-2.0
// capability-checks PROCS GRANTED DENIED: in the cgroup of PROCS, chroots into its own root GRANTED times with the
// capability, then DENIED times without it, as a user that is not root.
#include "join-cgroup.h"

int main(int argc, char **argv)
{
	join_cgroup(argv[1]);
	for (int i = 0; i < atoi(argv[2]); i++)
		if (chroot("/"))
			fail("chroot");
	if (setresuid(2345, 2345, 2345))
		fail("setresuid");
	for (int i = 0; i < atoi(argv[3]); i++)
		if (!chroot("/"))
			fail("no refusal");
	return 0;
}
