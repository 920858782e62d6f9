// SPDX-License-Identifier: Apache-2.0
// A lock on a folder that ends with its process, whatever ends it: who holds the folder of a host's pins reads its
// rings. Nobody else can take it: the folder is the user's own, and closed to others.
#pragma once
#include <napi.h>

namespace eunomia
{

/// (path) -> descriptor; closing it lets go. Throws an Error with `errno`: EWOULDBLOCK when another process holds it,
/// EPERM for a folder that others own or can open, ENOTDIR or ELOOP for a symbolic link.
Napi::Value LockFolder(const Napi::CallbackInfo &info);

} // namespace eunomia
