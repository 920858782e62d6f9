// SPDX-License-Identifier: Apache-2.0
// The arguments of processes that run already. The task iterator (bpf/process/tasks.bpf.c) can't read them without
// waiting for what other processes do.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace eunomia
{

/// Puts the arguments, at most `bound` bytes of each process, into the records that the task iterator wrote. The
/// longest are cut further when all together would be more than 32 MiB, and marked like all that are cut. Returns after
/// deadline_ms at most. What can't be read, or not in time, is marked in text_flags.
void AddTaskArgs(std::vector<uint8_t> *records, size_t bound, int deadline_ms);

} // namespace eunomia
