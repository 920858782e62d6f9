// SPDX-License-Identifier: Apache-2.0
// A seccomp filter of this process's own: what the collector never calls once it has started.
#pragma once

namespace eunomia
{

// Builds the filter, once, before CallFilterInThread().
void PrepareCallFilter(bool may_execute);

// Puts it in force for this thread, for ever. Runs in a signal handler. Returns 0 or an errno.
int CallFilterInThread();

} // namespace eunomia
