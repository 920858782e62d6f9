// SPDX-License-Identifier: Apache-2.0
// notify-socket PATH: a service manager's end of sd_notify(3). Prints each datagram that comes to PATH as a line.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char text[512];
	ssize_t length;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (argc != 2)
		return 99;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("bind");
	/* As /run/systemd/notify: services of any user write to it. */
	if (chmod(argv[1], 0777))
		fail("chmod");
	dprintf(1, "bound\n");
	while ((length = recv(fd, text, sizeof(text), 0)) > 0)
		dprintf(1, "%.*s\n", (int)length, text);
	fail("recv");
}
