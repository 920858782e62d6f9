// SPDX-License-Identifier: Apache-2.0
// See live_filters.h.
#include "live_filters.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "programs/bpf_object.h"
#include "rings/pins.h"

namespace eunomia
{

namespace
{

constexpr uint32_t kZero = 0;

filter_settings TellsAll()
{
	filter_settings settings = {};

	settings.succeeded = ~0ull;
	settings.failed = ~0ull;
	return settings;
}

filter_number NumberOf(const std::tuple<uint32_t, uint32_t, uint64_t> &key)
{
	filter_number number = {};

	number.filter = std::get<0>(key);
	number.is_v1 = std::get<1>(key);
	number.number = std::get<2>(key);
	return number;
}

std::map<std::tuple<uint32_t, uint32_t, uint64_t>, uint32_t> ModesOf(const std::vector<NumberEntry> &numbers)
{
	std::map<std::tuple<uint32_t, uint32_t, uint64_t>, uint32_t> modes;

	for (const NumberEntry &entry : numbers)
		modes[{entry.key.filter, entry.key.is_v1, entry.key.number}] |= entry.mode;
	return modes;
}

} // namespace

LiveFilters::~LiveFilters()
{
	if (verdicts_)
		munmap(verdicts_, places_ * sizeof(uint64_t));
}

uint32_t LiveFilters::PathPlaces()
{
	uint32_t wanted = PATH_VERDICTS_PER_CPU * libbpf_num_possible_cpus(), places = 1;

	while (places < wanted)
		places *= 2;
	return places;
}

void LiveFilters::RememberCallKinds(const bpf_object *object)
{
	size_t calls = 0;
	bpf_map *table = bpf_object__find_map_by_name(object, kCallKindsMap);
	auto *kinds = table ? static_cast<const uint8_t *>(bpf_map__initial_value(table, &calls)) : nullptr;
	if (kinds)
		call_kinds_.assign(kinds, kinds + calls);
}

// After a takeover, the maps hold the filters of an earlier process: everything is reported again until new ones are
// set.
bool LiveFilters::Map(const std::function<int(const char *)> &fd_of)
{
	bpf_map_info info = {};
	uint32_t bytes = sizeof(info);
	filter_number key = {};

	kinds_fd_ = fd_of(kCallKindsMap);
	settings_fd_ = fd_of(kFiltersMap);
	numbers_fd_ = fd_of(kFilterNumbersMap);
	suppressions_fd_ = fd_of(kSuppressionsMap);
	if (settings_fd_ < 0)
		return true;
	if (bpf_map_get_info_by_fd(fd_of(kPathVerdictsMap), &info, &bytes))
		return false;
	void *memory = mmap(nullptr, info.max_entries * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED,
			    fd_of(kPathVerdictsMap), 0);
	if (memory == MAP_FAILED)
		return false;
	verdicts_ = static_cast<uint64_t *>(memory);
	places_ = info.max_entries;
	if (!Write(TellsAll()))
		return false;
	while (!bpf_map_get_next_key(numbers_fd_, nullptr, &key))
		if (bpf_map_delete_elem(numbers_fd_, &key))
			return false;
	return true;
}

// The kernel copies the new table over the old one: a call whose kind stays has the same byte before, during and after.
bool LiveFilters::WatchKinds(const uint8_t *wanted, size_t kinds) const
{
	std::vector<uint8_t> table(call_kinds_);

	for (uint8_t &kind : table)
		if (kind >= kinds || !wanted[kind])
			kind = KIND_NONE;
	return bpf_map_update_elem(kinds_fd_, &kZero, table.data(), BPF_ANY) == 0;
}

bool LiveFilters::Write(const filter_settings &settings) const
{
	return bpf_map_update_elem(settings_fd_, &kZero, &settings, BPF_ANY) == 0;
}

// Between two settings everything is reported until programs that still read the old ones have ended: so no event sees
// half of each. When only numbers change, they are replaced one by one, as long as there is room for old and new.
bool LiveFilters::Set(filter_settings settings, const std::vector<NumberEntry> &numbers)
{
	if (numbers.size() > FILTER_NUMBERS) {
		errno = E2BIG;
		return false;
	}
	if (settings_fd_ < 0) {
		errno = ENOENT;
		return false;
	}
	settings.path_seed = settings_.path_seed;
	settings.path_mask = places_ - 1;
	if (memcmp(&settings, &settings_, sizeof(settings)) == 0 && settings.path_seed &&
	    numbers.size() + numbers_.size() <= FILTER_NUMBERS)
		return AddNumbers(numbers) && RemoveNumbers(numbers);
	if (!Write(TellsAll()))
		return false;
	WaitForPrograms();
	ForgetVerdicts();
	settings_ = {};
	if (getrandom(&settings.path_seed, sizeof(settings.path_seed), 0) != sizeof(settings.path_seed))
		return false;
	if (!RemoveNumbers(numbers) || !AddNumbers(numbers) || !Write(settings))
		return false;
	settings_ = settings;
	return true;
}

bool LiveFilters::AddNumbers(const std::vector<NumberEntry> &numbers)
{
	for (const auto &[key, mode] : ModesOf(numbers)) {
		auto known = numbers_.find(key);
		if (known != numbers_.end() && known->second == mode)
			continue;
		filter_number number = NumberOf(key);
		if (bpf_map_update_elem(numbers_fd_, &number, &mode, BPF_ANY))
			return false;
		numbers_[key] = mode;
	}
	return true;
}

bool LiveFilters::RemoveNumbers(const std::vector<NumberEntry> &wanted)
{
	std::map<Key, uint32_t> modes = ModesOf(wanted);

	for (auto known = numbers_.begin(); known != numbers_.end();) {
		filter_number number = NumberOf(known->first);
		if (modes.count(known->first)) {
			++known;
			continue;
		}
		if (bpf_map_delete_elem(numbers_fd_, &number) && errno != ENOENT)
			return false;
		known = numbers_.erase(known);
	}
	return true;
}

void LiveFilters::ForgetVerdicts()
{
	for (uint32_t place = 0; place < places_; place++)
		__atomic_store_n(verdicts_ + place, 0, __ATOMIC_RELAXED);
}

// One store: a program sees the old entry or the new one.
void LiveFilters::SetVerdict(uint64_t ticket, bool is_reported)
{
	uint64_t hash = ticket & ~static_cast<uint64_t>(PATH_VERDICT_BITS);

	if (!verdicts_)
		return;
	__atomic_store_n(verdicts_ + ((ticket >> 2) & (places_ - 1)),
			 hash | (is_reported ? PATH_EMITTED : PATH_LEFT_OUT), __ATOMIC_RELAXED);
}

std::vector<uint64_t> LiveFilters::Suppressions() const
{
	constexpr size_t kCounts = FILTER_MAX * KIND_MAX;
	std::vector<uint64_t> of_cpus(libbpf_num_possible_cpus() * kCounts), counts(kCounts);

	if (bpf_map_lookup_elem(suppressions_fd_, &kZero, of_cpus.data()))
		return {};
	for (size_t i = 0; i < of_cpus.size(); i++)
		counts[i % kCounts] += of_cpus[i];
	return counts;
}

} // namespace eunomia
