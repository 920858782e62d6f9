// SPDX-License-Identifier: Apache-2.0
// Resolves a path without blocking: no call to a file system, no automount, no device woken up.
#pragma once
#include <napi.h>

namespace eunomia
{

// resolvePath(path, root?): { fd, device, inode, ctimeUs, sizeBytes, isRegular } of an O_PATH descriptor, or undefined.
// Without a root, path is a link of /proc/PID, which the kernel follows. With one, path is resolved below it,
// only as far as it is in the cache of the kernel.
Napi::Value ResolvePath(const Napi::CallbackInfo &info);

} // namespace eunomia
