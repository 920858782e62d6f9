// SPDX-License-Identifier: Apache-2.0
// The page of bpf/record/reader.h, mapped: what the reader of the rings passes to the programs, and what is stored next
// to them.
#pragma once
#include <cstdint>

#include "record/reader.h"

namespace eunomia
{

class ReaderPage
{
public:
	ReaderPage() = default;
	~ReaderPage();
	ReaderPage(const ReaderPage &) = delete;
	ReaderPage &operator=(const ReaderPage &) = delete;

	/// Maps the map. False: errno says why.
	bool Map(int fd);
	/// The counters begin now, and records are as of this build.
	void Begin();
	/// Leave out events of this process, which has the number now; 0 for none.
	void Ignore(uint32_t pid);
	/// There is a reader for so long from now on. 0 changes nothing.
	void Renew(uint64_t no_reader_ns);
	const reader_state &state() const
	{
		return *state_;
	}

private:
	reader_state *state_ = nullptr;
};

} // namespace eunomia
