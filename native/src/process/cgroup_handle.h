// SPDX-License-Identifier: Apache-2.0
// Finds a cgroup by its id, as records have it, without a walk through the hierarchy.
#pragma once
#include <napi.h>

namespace eunomia
{

// cgroupPath(mountPoint, id): the path of the cgroup's folder in the file system, or undefined when there is no such
// cgroup, or none below the mount. Needs CAP_DAC_READ_SEARCH; undefined without it.
Napi::Value CgroupPath(const Napi::CallbackInfo &info);

} // namespace eunomia
