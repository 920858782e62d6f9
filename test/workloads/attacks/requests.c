// SPDX-License-Identifier: Apache-2.0
// requests PROCS FOLDER: ioctls that attack. Pushes a command into a terminal of its own (TIOCSTI, T1674), asks the
// console for the same (TIOCLINUX), protects a file from being changed or removed (T1222.002) by each way that there
// is, and asks an absent network interface to watch all packets (T1040). Between them it asks for the size of the
// terminal, which has no event. Prints one line for each that has one, in order: name of the call, result (0 or a
// negative errno).
#include <linux/fs.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif
#ifndef TIOCLINUX
#define TIOCLINUX 0x541c
#endif

struct file_attributes {
	uint64_t flags;
	uint32_t extent_bytes, extents, project, copy_bytes;
};

static void report(const char *call, long result)
{
	struct winsize size;

	printf("%s %ld\n", call, result < 0 ? (long)-errno : result);
	ioctl(0, TIOCGWINSZ, &size);
}

int main(int argc, char **argv)
{
	struct ifreq interface = {.ifr_name = "absent0", .ifr_flags = IFF_UP | IFF_PROMISC};
	struct file_attributes attributes = {.flags = FS_XFLAG_IMMUTABLE};
	struct fsxattr extended = {.fsx_xflags = FS_XFLAG_APPEND};
	int none = 0, protected = FS_IMMUTABLE_FL, file, terminal, sock;
	char letter = 'i', paste = 3;

	if (chdir(argv[2]))
		fail(argv[2]);
	file = open("file", O_CREAT | O_RDWR, 0600);
	terminal = open("/dev/ptmx", O_RDWR);
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (file < 0 || terminal < 0 || sock < 0)
		fail("open");
	join_cgroup(argv[1]);
	report("ioctl", ioctl(terminal, TIOCSTI, &letter));
	report("ioctl", ioctl(terminal, TIOCLINUX, &paste));
	report("ioctl", ioctl(file, FS_IOC_SETFLAGS, &protected));
	report("ioctl", ioctl(file, FS_IOC_SETFLAGS, &none));
	report("ioctl", ioctl(file, FS_IOC_FSSETXATTR, &extended));
	report("ioctl", ioctl(file, FS_IOC_SETFLAGS, &none));
	report("file_setattr", syscall(SYS_file_setattr, AT_FDCWD, "file", &attributes, sizeof(attributes), 0));
	report("ioctl", ioctl(file, FS_IOC_SETFLAGS, &none));
	report("ioctl", ioctl(sock, SIOCSIFFLAGS, &interface));
	report("ioctl", ioctl(999, TIOCSTI, &letter));
	return 0;
}
