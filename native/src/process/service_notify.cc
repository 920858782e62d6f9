// SPDX-License-Identifier: Apache-2.0
// See service_notify.h.
#include "service_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace eunomia
{

Napi::Value NotifyService(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = info[0].ToString().Utf8Value(), text = info[1].ToString().Utf8Value();
	sockaddr_un address = {};

	if (path.empty() || path.size() >= sizeof(address.sun_path))
		return Napi::Number::New(env, ENAMETOOLONG);
	address.sun_family = AF_UNIX;
	memcpy(address.sun_path, path.data(), path.size());
	if (path[0] == '@')
		address.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return Napi::Number::New(env, errno);
	socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
	ssize_t sent = sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
			      reinterpret_cast<sockaddr *>(&address), length);
	int error = sent < 0 ? errno : 0;
	close(fd);
	return Napi::Number::New(env, error);
}

} // namespace eunomia
