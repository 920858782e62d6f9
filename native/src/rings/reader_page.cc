// SPDX-License-Identifier: Apache-2.0
// See reader_page.h.
#include "reader_page.h"

#include <sys/mman.h>
#include <unistd.h>

#include <ctime>

#include "record/event.h"

namespace eunomia
{

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
	timespec now = {};

	clock_gettime(CLOCK_REALTIME, &now);
	state_->epoch_us = now.tv_sec * 1000000ull + now.tv_nsec / 1000;
	state_->record_version = RECORD_VERSION;
}

void ReaderPage::Ignore(uint32_t pid)
{
	__atomic_store_n(&state_->ignored_pid, pid, __ATOMIC_RELAXED);
}

// bpf_ktime_get_ns() is CLOCK_MONOTONIC: a suspended host does not lose its reader.
void ReaderPage::Renew(uint64_t no_reader_ns)
{
	timespec now = {};

	if (no_reader_ns == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	__atomic_store_n(&state_->deadline_ns, now.tv_sec * 1000000000ull + now.tv_nsec + no_reader_ns,
			 __ATOMIC_RELAXED);
}

} // namespace eunomia
