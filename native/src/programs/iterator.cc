// SPDX-License-Identifier: Apache-2.0
// See iterator.h. A read ends with EAGAIN after a million objects of which nothing was written, and the next one goes
// on after them (bpf_seq_read(), kernel/bpf/bpf_iter.c).
#include "iterator.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>

namespace eunomia
{

bool ReadIterator(int link_fd, std::vector<uint8_t> *bytes)
{
	uint8_t buffer[32 << 10];
	ssize_t length;
	int fd = bpf_iter_create(link_fd);

	if (fd < 0)
		return false;
	while ((length = read(fd, buffer, sizeof(buffer))) > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN)))
		if (length > 0)
			bytes->insert(bytes->end(), buffer, buffer + length);
	int error = errno;
	close(fd);
	errno = error;
	return length == 0;
}

} // namespace eunomia
