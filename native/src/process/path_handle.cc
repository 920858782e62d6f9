// SPDX-License-Identifier: Apache-2.0
// See path_handle.h.
#include "path_handle.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

namespace eunomia
{

namespace
{

// Of linux/openat2.h since 5.12: fails with EAGAIN instead of leaving the walk in which nothing can sleep
// (fs/namei.c, LOOKUP_CACHED): no lookup and no revalidation by a file system, no automount.
constexpr __u64 kResolveCached = 0x20;

std::string BytesOf(const Napi::Value &value)
{
	Napi::Uint8Array bytes = value.As<Napi::Uint8Array>();
	return std::string(reinterpret_cast<const char *>(bytes.Data()), bytes.ByteLength());
}

int OpenCached(const std::string &root, const std::string &path)
{
	// The link of /proc to a root: no lookup in what is mounted there.
	int folder = open(root.c_str(), O_PATH | O_CLOEXEC);
	if (folder < 0)
		return -1;
	struct open_how how = {};
	how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | kResolveCached;
	int fd = static_cast<int>(syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how)));
	close(folder);
	return fd;
}

} // namespace

Napi::Value ResolvePath(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = BytesOf(info[0]);
	int fd = info[1].IsTypedArray() ? OpenCached(BytesOf(info[1]), path) : open(path.c_str(), O_PATH | O_CLOEXEC);
	struct statx stat;

	if (fd < 0)
		return env.Undefined();
	// What the kernel knows already: FUSE and NFS are not asked. A file that is the one of the record is a local
	// one.
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &stat)) {
		close(fd);
		return env.Undefined();
	}
	Napi::Object status = Napi::Object::New(env);
	double fraction = stat.stx_ctime.tv_nsec / 1000;
	status.Set("fd", Napi::Number::New(env, fd));
	status.Set("device", Napi::Number::New(env, stat.stx_dev_major * 1048576.0 + stat.stx_dev_minor));
	status.Set("inode", Napi::BigInt::New(env, static_cast<uint64_t>(stat.stx_ino)));
	status.Set("ctimeUs", Napi::Number::New(env, static_cast<double>(stat.stx_ctime.tv_sec) * 1e6 + fraction));
	status.Set("sizeBytes", Napi::Number::New(env, static_cast<double>(stat.stx_size)));
	status.Set("isRegular", Napi::Boolean::New(env, S_ISREG(stat.stx_mode)));
	return status;
}

} // namespace eunomia
