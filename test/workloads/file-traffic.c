// SPDX-License-Identifier: Apache-2.0
// file-traffic PROCS FOLDER [FILES]: in the cgroup of PROCS, 101 writes of 7 bytes to FOLDER/written; 53 reads of 5
// bytes, one at the end of the file and 3 positioned reads of 2 bytes from FOLDER/read; and one sendfile of 11 bytes
// from FOLDER/read to FOLDER/written. With FILES, also creates FILES files of one byte each.
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "join-cgroup.h"

int main(int argc, char **argv)
{
	int written, read_from, files = argc > 3 ? atoi(argv[3]) : 0;
	char buffer[16] = "0123456789abcde", name[32];
	struct iovec parts[2] = {{buffer, 1}, {buffer + 1, 1}};
	off_t start = 0;

	join_cgroup(argv[1]);
	if (chdir(argv[2]))
		fail(argv[2]);
	written = open("written", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	read_from = open("read", O_RDONLY);
	if (written < 0 || read_from < 0)
		fail("open");
	for (int i = 0; i < 101; i++)
		if (write(written, buffer, 7) != 7)
			fail("write");
	for (int i = 0; i < 53; i++)
		if (read(read_from, buffer, 5) != 5)
			fail("read");
	if (read(read_from, buffer, 5))
		fail("end");
	if (pread(read_from, buffer, 2, 0) != 2 || preadv(read_from, parts, 2, 0) != 2 ||
	    syscall(SYS_preadv2, read_from, parts, 2L, 0L, 0L, 0) != 2)
		fail("pread");
	if (sendfile(written, read_from, &start, 11) != 11)
		fail("sendfile");
	if (read(written, buffer, 1) != -1 || write(-1, buffer, 1) != -1)
		fail("refused calls");
	for (int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		int file = open(name, O_WRONLY | O_CREAT, 0600);
		if (file < 0 || write(file, "x", 1) != 1)
			fail(name);
		close(file);
	}
	return 0;
}
