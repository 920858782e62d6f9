// SPDX-License-Identifier: Apache-2.0
// See cgroup_handle.h.
#include "cgroup_handle.h"

#include <fcntl.h>
#include <unistd.h>

#include <climits>
#include <cstring>
#include <string>

namespace eunomia
{

namespace
{

// include/linux/exportfs.h since 5.5: the handle is the id of the node, which is the id of the cgroup.
constexpr int kFileIdKernfs = 0xfe;
// include/linux/kernfs.h, d_path(): how the link of a removed folder ends.
constexpr char kDeleted[] = " (deleted)";

struct CgroupHandle {
	struct file_handle header;
	unsigned char id[sizeof(uint64_t)];
};

int OpenById(const std::string &mount_point, uint64_t id)
{
	int mount = open(mount_point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount < 0)
		return -1;
	CgroupHandle handle = {};
	handle.header.handle_bytes = sizeof(id);
	handle.header.handle_type = kFileIdKernfs;
	memcpy(handle.id, &id, sizeof(id));
	int fd = open_by_handle_at(mount, &handle.header, O_PATH | O_CLOEXEC);
	close(mount);
	return fd;
}

bool IsBelow(const std::string &path, const std::string &mount_point)
{
	return path == mount_point || path.compare(0, mount_point.size() + 1, mount_point + "/") == 0;
}

bool EndsWith(const std::string &text, const std::string &end)
{
	return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

} // namespace

Napi::Value CgroupPath(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string mount_point = info[0].As<Napi::String>();
	bool lossless = false;
	int fd = OpenById(mount_point, info[1].As<Napi::BigInt>().Uint64Value(&lossless));
	char target[PATH_MAX];

	if (fd < 0)
		return env.Undefined();
	ssize_t length = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof(target));
	close(fd);
	if (length < 0 || length == sizeof(target))
		return env.Undefined();
	std::string path(target, static_cast<size_t>(length));
	if (!IsBelow(path, mount_point) || EndsWith(path, kDeleted))
		return env.Undefined();
	return Napi::String::New(env, path);
}

} // namespace eunomia
