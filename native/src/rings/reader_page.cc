// SPDX-License-Identifier: Apache-2.0
// See reader_page.h.
#include "reader_page.h"

#include <sys/mman.h>
#include <unistd.h>

#include <ctime>

#include "record/event.h"

namespace eunomia
{

namespace
{

uint64_t NowNs(clockid_t clock)
{
	timespec now = {};

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

} // namespace

ReaderPage::~ReaderPage()
{
	if (state_)
		munmap(state_, sysconf(_SC_PAGESIZE));
}

bool ReaderPage::Map(int fd)
{
	void *page = mmap(nullptr, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (page == MAP_FAILED)
		return false;
	state_ = static_cast<reader_state *>(page);
	return true;
}

void ReaderPage::Begin()
{
	state_->epoch_us = NowNs(CLOCK_REALTIME) / 1000;
	state_->record_version = RECORD_VERSION;
}

// Nobody while it changes: the pid of the reader before us may be that of another process now.
void ReaderPage::Ignore(uint32_t pid)
{
	__atomic_store_n(&state_->own.pid, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&state_->helper.pid, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&state_->own.at_ns, NowNs(CLOCK_BOOTTIME), __ATOMIC_RELEASE);
	__atomic_store_n(&state_->own.pid, pid, __ATOMIC_RELEASE);
}

// bpf_ktime_get_ns() is CLOCK_MONOTONIC: a suspended host does not lose its reader.
void ReaderPage::Renew(uint64_t no_reader_ns)
{
	if (no_reader_ns != 0)
		__atomic_store_n(&state_->deadline_ns, NowNs(CLOCK_MONOTONIC) + no_reader_ns, __ATOMIC_RELAXED);
}

} // namespace eunomia
