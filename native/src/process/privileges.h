// SPDX-License-Identifier: Apache-2.0
// Drops privileges that the process does not need: capabilities, and the means to get others.
#pragma once
#include <napi.h>

namespace eunomia
{

// dropPrivileges(keep: bigint, user?: { uid, gid, groups }, mayExecute: boolean): each thread becomes the user, of its
// capabilities only those of the mask are left, none is inherited by a program it may start, and system calls that it
// never needs are refused (call_filter.h). The process is not dumped and not traced by others of its user. Throws with
// errno, and then some threads may have dropped already.
Napi::Value DropPrivileges(const Napi::CallbackInfo &info);

} // namespace eunomia
