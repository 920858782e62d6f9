// SPDX-License-Identifier: Apache-2.0
// See folder_lock.h.
#include "folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "js_values.h"

namespace eunomia
{

namespace
{

// Who can open a folder can lock it.
bool IsForUsAlone(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return false;
	errno = EPERM;
	// Whose folders root takes is checked before (infra/process/own-user.ts).
	return (status.st_uid == geteuid() || geteuid() == 0) && !(status.st_mode & 077);
}

} // namespace

Napi::Value LockFolder(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = info[0].ToString().Utf8Value();
	int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && IsForUsAlone(fd) && !flock(fd, LOCK_EX | LOCK_NB))
		return Napi::Number::New(env, fd);
	int error = errno;
	if (fd >= 0)
		close(fd);
	ErrnoError(env, error, "lock " + path + ": " + strerror(error)).ThrowAsJavaScriptException();
	return env.Undefined();
}

} // namespace eunomia
