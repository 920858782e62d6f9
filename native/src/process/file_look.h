// SPDX-License-Identifier: Apache-2.0
// A look at a file that waits for nobody: no file system is asked, no automount made, no device woken.
#pragma once
#include <napi.h>

namespace eunomia
{

// lookAtFile(path, root?): { fd, device, inode, ctimeUs, sizeBytes, isRegular } of an O_PATH descriptor, or undefined.
// Without a root, path is a link of /proc/PID, which the kernel follows itself. With one, path is looked up below it,
// and only as far as the kernel has it in its cache.
Napi::Value LookAtFile(const Napi::CallbackInfo &info);

} // namespace eunomia
