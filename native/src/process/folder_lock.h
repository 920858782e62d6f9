// SPDX-License-Identifier: Apache-2.0
// A lock on a folder that ends with its process, whatever ends it: who holds the folder of a host's pins reads its
// rings.
#pragma once
#include <napi.h>

namespace eunomia
{

/// (path) -> descriptor; closing it lets go. Throws an Error with `errno`: EWOULDBLOCK when another process holds it.
Napi::Value LockFolder(const Napi::CallbackInfo &info);

} // namespace eunomia
