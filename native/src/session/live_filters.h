// SPDX-License-Identifier: Apache-2.0
// What the programs leave out, changed while they run: kinds of system calls, numbers of processes, users, cgroups and
// ports, outcomes, open modes, and verdicts on paths. Knows the maps of bpf/record/filters.h and
// bpf/kernel-call/call_kinds.bpf.h, no JavaScript and no meaning of a path.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "record/event.h"
#include "record/filters.h"

namespace eunomia
{

/// One number of a filter, and enum number_mode.
struct NumberEntry {
	filter_number key;
	uint32_t mode;
	uint32_t pad;
};

class LiveFilters
{
public:
	LiveFilters() = default;
	~LiveFilters();
	LiveFilters(const LiveFilters &) = delete;
	LiveFilters &operator=(const LiveFilters &) = delete;

	/// How many verdicts the map has room for on this machine: a power of two.
	static uint32_t PathPlaces();
	/// What all calls are of, as it was compiled: WatchKinds() leaves some out of it.
	void RememberCallKinds(const bpf_object *object);
	/// Takes the maps, whose descriptors stay the caller's. Nothing is left out from then on. Of an older set
	/// without them nothing is taken. False: errno says why.
	bool Map(const std::function<int(const char *)> &fd_of);
	/// Watches the system calls of these kinds and leaves the others alone, from now on. `wanted` is one byte per
	/// kind; kinds of other hooks are not asked. False: errno says why.
	bool WatchKinds(const uint8_t *wanted, size_t kinds) const;
	/// Replaces the filters. An event that both old and new ones report is reported in between, too. `settings`:
	/// seed and mask are filled in. False: errno says why (E2BIG for more numbers than there is room for), and the
	/// programs report at least what both report.
	bool Set(filter_settings settings, const std::vector<NumberEntry> &numbers);
	/// The reader's verdict on a path, for a ticket of an open. One of before the last Set() finds no event.
	void SetVerdict(uint64_t ticket, bool is_reported);
	/// Counts of enum kernel_filter by kind: FILTER_MAX * KIND_MAX numbers, all CPUs. Empty when they can't be
	/// read.
	std::vector<uint64_t> Suppressions() const;

private:
	using Key = std::tuple<uint32_t, uint32_t, uint64_t>;

	bool Write(const filter_settings &settings) const;
	bool AddNumbers(const std::vector<NumberEntry> &numbers);
	/// All but these.
	bool RemoveNumbers(const std::vector<NumberEntry> &wanted);
	void ForgetVerdicts();

	std::vector<uint8_t> call_kinds_;
	int kinds_fd_ = -1;
	int settings_fd_ = -1;
	int numbers_fd_ = -1;
	int suppressions_fd_ = -1;
	uint64_t *verdicts_ = nullptr;
	uint32_t places_ = 0;
	filter_settings settings_ = {};
	/// What is in filter_numbers.
	std::map<Key, uint32_t> numbers_;
};

} // namespace eunomia
