// SPDX-License-Identifier: Apache-2.0
// See mapped_ring.h.
#include "mapped_ring.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace eunomia
{

namespace
{

// include/uapi/linux/bpf.h: BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ.
constexpr uint32_t kBusy = 1u << 31;
constexpr uint32_t kLengthMask = (1u << 30) - 1;
constexpr uint64_t kHeaderBytes = 8;

uint64_t LoadAcquire(const uint64_t *place)
{
	return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

} // namespace

std::unique_ptr<MappedRing> MappedRing::Map(int fd, ring_control *control)
{
	std::unique_ptr<MappedRing> ring(new MappedRing);
	bpf_map_info info = {};
	uint32_t info_bytes = sizeof(info);
	const size_t page = sysconf(_SC_PAGESIZE);

	if (bpf_map_get_info_by_fd(fd, &info, &info_bytes))
		return nullptr;
	ring->control_ = control;
	ring->size_ = info.max_entries;
	void *consumer = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return nullptr;
	ring->consumer_ = static_cast<uint64_t *>(consumer);
	void *producer = mmap(nullptr, page + 2 * ring->size_, PROT_READ, MAP_SHARED, fd, page);
	if (producer == MAP_FAILED)
		return nullptr;
	ring->producer_ = static_cast<uint64_t *>(producer);
	ring->data_ = static_cast<uint8_t *>(producer) + page;
	ring->read_position_ = LoadAcquire(ring->consumer_);
	return ring;
}

MappedRing::~MappedRing()
{
	const size_t page = sysconf(_SC_PAGESIZE);

	if (consumer_)
		munmap(consumer_, page);
	if (producer_)
		munmap(producer_, page + 2 * size_);
}

uint32_t MappedRing::Poll(uint64_t max_bytes, Span *span)
{
	const uint64_t produced = LoadAcquire(producer_);
	const uint64_t limit = read_position_ + std::min<uint64_t>(max_bytes, size_);
	uint64_t position = read_position_;
	uint32_t records = 0;

	while (position < produced && position < limit) {
		auto *header = reinterpret_cast<const uint32_t *>(data_ + (position & (size_ - 1)));
		const uint32_t length = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		if (length & kBusy)
			break; // reserved, not committed: everything after it waits too
		position += ((length & kLengthMask) + kHeaderBytes + 7) & ~7ull;
		records++;
	}
	span->start_offset = read_position_ & (size_ - 1);
	span->end_offset = span->start_offset + (position - read_position_);
	span->end_position = position;
	span->bytes_behind = produced - position;
	read_position_ = position;
	return records;
}

bool MappedRing::Ack(uint64_t position)
{
	if (position > read_position_)
		return false;
	// Only we write it, so a plain read is enough to keep it from going back.
	if (position > *consumer_)
		__atomic_store_n(consumer_, position, __ATOMIC_RELEASE);
	return true;
}

// The other half of wake_reader() in bpf/record/emit.bpf.h: flag, fence, producer position; there: commit (an xchg),
// flag.
bool MappedRing::Arm()
{
	__atomic_store_n(&control_->reader_sleeping, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (LoadAcquire(producer_) == read_position_)
		return true;
	__atomic_store_n(&control_->reader_sleeping, 0, __ATOMIC_SEQ_CST);
	return false;
}

bool MappedRing::HasMissedWake() const
{
	return __atomic_load_n(&control_->reader_sleeping, __ATOMIC_SEQ_CST) &&
	       LoadAcquire(producer_) != read_position_;
}

} // namespace eunomia
