// SPDX-License-Identifier: Apache-2.0
// One ring buffer of the kernel, mapped: where records begin and end, and what is given back. Knows ring headers, not
// records.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "record/event.h"
#include "record/reader.h"

namespace eunomia
{

struct Span {
	uint64_t start_offset;
	uint64_t end_offset;
	uint64_t end_position;
	uint64_t bytes_behind;
};

/// @see Documentation/bpf/ringbuf.rst and kernel/bpf/ringbuf.c: one page with the consumer position, one with the
/// producer position, then the data pages twice in a row, so that a record is always in one piece.
class MappedRing
{
public:
	/// Maps the ring of `fd`; `control` lives as long as the ring. Null: errno says why.
	static std::unique_ptr<MappedRing> Map(int fd, ring_control *control);
	~MappedRing();
	MappedRing(const MappedRing &) = delete;
	MappedRing &operator=(const MappedRing &) = delete;

	/// The data pages, mapped twice: 2 * size() bytes, read-only.
	void *data() const
	{
		return data_;
	}
	size_t size() const
	{
		return size_;
	}

	/// Moves the read position over committed records and sets their positions; returns their number.
	uint32_t Poll(uint64_t max_bytes, Span *span);
	/// Frees everything before `position`. False when it was not read yet. True also for one
	/// that was given back already.
	bool Ack(uint64_t position);
	/// See Ring.arm in kernel-session.ts.
	bool Arm();
	/// A record came while the reader sleeps and no program could wake it; see wake_reader() in
	/// bpf/record/emit.bpf.h.
	bool HasMissedWake() const;

private:
	MappedRing() = default;

	ring_control *control_ = nullptr;
	uint64_t *consumer_ = nullptr;
	uint64_t *producer_ = nullptr;
	uint8_t *data_ = nullptr;
	size_t size_ = 0;
	uint64_t read_position_ = 0;
};

} // namespace eunomia
