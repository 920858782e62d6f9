// SPDX-License-Identifier: Apache-2.0
// One object of bpf/usage: loaded, attached, and its tables read by intervals (bpf/usage/tables.bpf.h). Knows names and
// sizes of tables, not what they hold. Knows no JavaScript.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "programs/bpf_object.h"

namespace eunomia
{

struct UsageOptions {
	std::string object_path;
	/// Constants of the programs by name; 32-bit unsigned.
	NamedNumbers rodata;
	/// Most entries of tables by name.
	NamedNumbers entries;
};

/// Entries of a table: key and value of each, one after the other.
using TableBytes = std::vector<uint8_t>;

/// Result of an interval.
struct UsageReading {
	/// The tables that were turned, emptied; and those that are never emptied, as they are.
	std::map<std::string, TableBytes> tables;
	/// struct usage_overflow, all CPUs together, since the load.
	std::vector<uint64_t> overflow;
	/// Runs that were left out since the program ran already on that CPU, since the load.
	uint64_t recursion_misses = 0;
};

class UsageTables
{
public:
	/// Loads a program, which does not run yet. Null when it could not be.
	static std::unique_ptr<UsageTables> Open(const UsageOptions &options, Failure *failure);
	~UsageTables();
	UsageTables(const UsageTables &) = delete;
	UsageTables &operator=(const UsageTables &) = delete;

	/// From here on the program runs and costs. It takes no capability. Safe to call twice. Its iterators run once
	/// before, so that they know what was there already; what they count of it is nothing of the first interval.
	bool Attach(Failure *failure);
	/// Stops it; its counts stay for the next Turn().
	void Detach();
	/// Ends an interval: runs the iterators; from there on programs write into the other maps. Waits until none
	/// uses the former ones, which takes milliseconds. For one thread at a time.
	bool Turn(UsageReading *reading, Failure *failure);
	/// Removes one entry from a table that is never emptied.
	void Forget(const std::string &table, const uint8_t *key, size_t bytes);

private:
	struct Pair {
		std::string name;
		int turn_fd;
		int fds[2];
	};

	UsageTables() = default;
	bool Load(const UsageOptions &options, Failure *failure);
	bool SetEntries(const std::string &name, uint32_t entries);
	void FindTables();
	bool AttachAll(bool is_iterator, std::vector<bpf_link *> *links, Failure *failure);
	bool RunIterators(Failure *failure);
	uint64_t RecursionMisses() const;

	bpf_object *object_ = nullptr;
	std::vector<bpf_link *> links_;
	std::vector<bpf_link *> iterators_; // they cost when they are read only, and are so once more after Detach()
	std::vector<Pair> pairs_;
	std::map<std::string, int> retained_;
	int overflow_fd_ = -1;
	int writing_ = 0;
};

} // namespace eunomia
