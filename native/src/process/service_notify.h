// SPDX-License-Identifier: Apache-2.0
// Reports to the service manager: Node has no datagrams of unix sockets.
#pragma once
#include <napi.h>

namespace eunomia
{

/// notifyService(socket, text): one datagram to NOTIFY_SOCKET, a path, or a name after @. Never waits. Returns 0 or an
/// errno. @see sd_notify(3)
Napi::Value NotifyService(const Napi::CallbackInfo &info);

} // namespace eunomia
