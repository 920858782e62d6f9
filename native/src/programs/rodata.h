// SPDX-License-Identifier: Apache-2.0
// Constants of programs, set between open and load.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <string>

namespace eunomia
{

/// Sets a 32-bit constant in .rodata. False when the object has none of that name and size.
bool SetRodata(bpf_object *object, const std::string &name, uint32_t value);

} // namespace eunomia
