// SPDX-License-Identifier: Apache-2.0
// See socket_peer.h.
#include "socket_peer.h"

#include <sys/socket.h>

namespace eunomia
{

Napi::Value SocketPeer(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	struct ucred peer = {};
	socklen_t length = sizeof(peer);

	if (!info[0].IsNumber() ||
	    getsockopt(info[0].As<Napi::Number>().Int32Value(), SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return env.Undefined();
	// Of a TCP socket, and of one that is not connected, it has no user.
	if (peer.uid == static_cast<uid_t>(-1))
		return env.Undefined();
	Napi::Object found = Napi::Object::New(env);
	found.Set("pid", Napi::Number::New(env, peer.pid));
	found.Set("uid", Napi::Number::New(env, peer.uid));
	return found;
}

} // namespace eunomia
