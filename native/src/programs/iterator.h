// SPDX-License-Identifier: Apache-2.0
// Runs an iterator program over all that it iterates over.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <vector>

namespace eunomia
{

/// Appends what it writes, if anything. False: errno says why.
bool ReadIterator(int link_fd, std::vector<uint8_t> *bytes);

} // namespace eunomia
