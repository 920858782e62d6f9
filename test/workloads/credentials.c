// SPDX-License-Identifier: Apache-2.0
// credentials PROCS PROGRAM: sets login uid 4242, real gid 1234, effective gid 1235, real uid 2345 and effective uid
// 2346, keeps CAP_SYS_PTRACE (19) inheritable, starts a new session and executes PROGRAM.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {};
	int login = open("/proc/self/loginuid", O_WRONLY);

	join_cgroup(argv[1]);
	if (login < 0 || write(login, "4242", 4) != 4)
		fail("loginuid");
	close(login);
	if (setsid() < 0)
		fail("setsid");
	if (setresgid(1234, 1235, 1235))
		fail("setresgid");
	prctl(PR_SET_KEEPCAPS, 1);
	if (setresuid(2345, 2346, 2346))
		fail("setresuid");
	data[0].permitted = data[0].inheritable = 1U << 19;
	if (syscall(SYS_capset, &header, data))
		fail("capset");
	execl(argv[2], "with-credentials", (char *)NULL);
	return errno;
}
