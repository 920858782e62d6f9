// SPDX-License-Identifier: Apache-2.0
// All entries of a hash map in few calls.
#pragma once
#include <cstdint>
#include <vector>

namespace eunomia
{

enum class TableUse {
	kKeep,
	/// What is read is removed. Exact only while no program writes.
	kEmpty,
};

/// Appends key and value of each entry. False: errno says why.
bool ReadEntries(int map_fd, TableUse use, std::vector<uint8_t> *bytes);

} // namespace eunomia
