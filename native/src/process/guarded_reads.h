// SPDX-License-Identifier: Apache-2.0
// Reads files of /proc that may block for ever: what shows another process's memory waits for a lock of that process
// (mmap_lock), which it can keep with the help of a file system or of faults that it serves itself.
#pragma once
#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace eunomia
{

struct GuardedRead {
	std::string path;
	/// As long as the most that is read.
	std::vector<uint8_t> bytes;
	/// Reads of a group that has blocked once are done after all others.
	uint64_t group = 0;
	/// How many of the bytes were read; negative when none could be.
	int64_t length = kUnread;

	static constexpr int64_t kUnread = -1;
	static constexpr int64_t kBlocked = -2;
};

/// Reads all of them in a helper, a process that shares this memory and is killed when it makes no progress. Returns
/// after deadline_ms at most; what was not read by then is kBlocked. What a helper can't read is kUnread.
void ReadGuarded(std::vector<GuardedRead> *reads, int deadline_ms);

/// readGuarded(path, maxBytes, deadlineMs): the bytes; null when the file can't be read, undefined when that did not
/// end in time.
Napi::Value ReadGuardedFile(const Napi::CallbackInfo &info);

} // namespace eunomia
