// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a unix socket, as the kernel noted when it connected: Node has no getsockopt.
#pragma once
#include <napi.h>

namespace eunomia
{

/// socketPeer(fd): { pid, uid }, or undefined for a descriptor that is no connected unix socket. The pid is 0 for a
/// process that this pid namespace does not show. @see unix(7), SO_PEERCRED
Napi::Value SocketPeer(const Napi::CallbackInfo &info);

} // namespace eunomia
