// SPDX-License-Identifier: Apache-2.0
// See usage_tables.h.
#include "usage_tables.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>

#include "programs/table_entries.h"
#include "usage/usage.h"

namespace eunomia
{

namespace
{

constexpr const char *kOverflowMap = "overflow";
constexpr const char *kHalves[] = {"_even", "_odd"};

} // namespace

std::unique_ptr<UsageTables> UsageTables::Open(const UsageOptions &options, Failure *failure)
{
	std::unique_ptr<UsageTables> tables(new UsageTables);

	libbpf_set_print(nullptr);
	if (!tables->Load(options, failure))
		return nullptr;
	tables->FindTables();
	return tables;
}

UsageTables::~UsageTables()
{
	Detach();
	for (bpf_link *link : iterators_)
		bpf_link__destroy(link);
	if (object_)
		bpf_object__close(object_);
}

// Of a pair both sides. The template in their array may differ since 5.10 (134fede4eecf), and programs need 5.11.
bool UsageTables::SetEntries(const std::string &name, uint32_t entries)
{
	bpf_map *map = bpf_object__find_map_by_name(object_, name.c_str());

	if (map && bpf_map__type(map) != BPF_MAP_TYPE_ARRAY_OF_MAPS)
		return !bpf_map__set_max_entries(map, entries);
	for (const char *half : kHalves) {
		bpf_map *one = bpf_object__find_map_by_name(object_, (name + half).c_str());
		if (!one || bpf_map__set_max_entries(one, entries))
			return false;
	}
	return true;
}

bool UsageTables::Load(const UsageOptions &options, Failure *failure)
{
	bpf_program *program;

	object_ = OpenObject(options.object_path, options.rodata, failure);
	if (!object_)
		return false;
	for (const auto &[name, entries] : options.entries) {
		if (!SetEntries(name, entries))
			return Fail(failure, EINVAL, "size of table " + name);
	}
	VerifierLogs logs(object_);
	bpf_object__for_each_program(program, object_)
	{
		if (!HasHook(program))
			return Fail(failure, ESRCH, std::string("attach ") + bpf_program__name(program));
	}
	int error = -bpf_object__load(object_);
	if (!error)
		return true;
	std::string what = "load";
	for (const auto &[name, reason] : logs.Reasons())
		what += " " + name + " (" + reason + ")";
	return Fail(failure, error, what);
}

// An array of maps is a pair by its name; other hash maps are never emptied.
void UsageTables::FindTables()
{
	bpf_map *map;

	bpf_object__for_each_map(map, object_)
	{
		std::string name = bpf_map__name(map);
		if (name == kOverflowMap)
			overflow_fd_ = bpf_map__fd(map);
		else if (bpf_map__type(map) == BPF_MAP_TYPE_ARRAY_OF_MAPS)
			pairs_.push_back({name,
					  bpf_map__fd(map),
					  {bpf_object__find_map_fd_by_name(object_, (name + kHalves[0]).c_str()),
					   bpf_object__find_map_fd_by_name(object_, (name + kHalves[1]).c_str())}});
		else if (bpf_map__type(map) == BPF_MAP_TYPE_HASH)
			retained_[name] = bpf_map__fd(map);
	}
	for (const Pair &pair : pairs_)
		for (const char *half : kHalves)
			retained_.erase(pair.name + half);
}

// Attaches the iterators, or the other programs, unless they are attached.
bool UsageTables::AttachAll(bool is_iterator, std::vector<bpf_link *> *links, Failure *failure)
{
	bpf_program *program;

	if (!links->empty())
		return true;
	bpf_object__for_each_program(program, object_)
	{
		if (IsIterator(program) != is_iterator)
			continue;
		bpf_link *link = AttachOne(program);
		if (!link)
			return Fail(failure, errno, std::string("attach ") + bpf_program__name(program));
		links->push_back(link);
	}
	return true;
}

bool UsageTables::RunIterators(Failure *failure)
{
	TableBytes nothing;

	for (bpf_link *link : iterators_) {
		if (!ReadIterator(bpf_link__fd(link), &nothing))
			return Fail(failure, errno, "read an iterator");
	}
	return true;
}

bool UsageTables::Attach(Failure *failure)
{
	TableBytes before;

	if (!links_.empty())
		return true;
	if (!AttachAll(true, &iterators_, failure) || !RunIterators(failure))
		return false;
	for (const Pair &pair : pairs_) {
		if (!iterators_.empty() && !ReadEntries(pair.fds[writing_], TableUse::kEmpty, &before))
			return Fail(failure, errno, "empty table " + pair.name);
	}
	return AttachAll(false, &links_, failure);
}

void UsageTables::Detach()
{
	for (bpf_link *link : links_)
		bpf_link__destroy(link);
	links_.clear();
}

bool UsageTables::Turn(UsageReading *reading, Failure *failure)
{
	uint32_t zero = 0;
	int former = writing_;

	if (!RunIterators(failure))
		return false;
	for (const Pair &pair : pairs_) {
		if (bpf_map_update_elem(pair.turn_fd, &zero, &pair.fds[!former], BPF_ANY))
			return Fail(failure, errno, "turn table " + pair.name);
	}
	writing_ = !former;
	for (const Pair &pair : pairs_) {
		if (!ReadEntries(pair.fds[former], TableUse::kEmpty, &reading->tables[pair.name]))
			return Fail(failure, errno, "read table " + pair.name);
	}
	for (const auto &[name, fd] : retained_) {
		if (!ReadEntries(fd, TableUse::kKeep, &reading->tables[name]))
			return Fail(failure, errno, "read table " + name);
	}
	std::vector<usage_overflow> of_cpus(libbpf_num_possible_cpus());
	reading->overflow.assign(USAGE_NUMBERS, 0);
	if (!bpf_map_lookup_elem(overflow_fd_, &zero, of_cpus.data()))
		for (const usage_overflow &of_cpu : of_cpus)
			for (size_t i = 0; i < USAGE_NUMBERS; i++)
				reading->overflow[i] += of_cpu.numbers[i];
	reading->recursion_misses = RecursionMisses();
	return true;
}

void UsageTables::Forget(const std::string &table, const uint8_t *key, size_t bytes)
{
	auto known = retained_.find(table);
	bpf_map *map = bpf_object__find_map_by_name(object_, table.c_str());

	if (known != retained_.end() && map && bpf_map__key_size(map) == bytes)
		bpf_map_delete_elem(known->second, key);
}

uint64_t UsageTables::RecursionMisses() const
{
	bpf_program *program;
	uint64_t misses = 0;

	bpf_object__for_each_program(program, object_)
	{
		bpf_prog_info info = {};
		uint32_t bytes = sizeof(info);
		if (!bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &bytes))
			misses += info.recursion_misses;
	}
	return misses;
}

} // namespace eunomia
