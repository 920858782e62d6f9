// SPDX-License-Identifier: Apache-2.0
// The BPF programs of one session: opened, given their knobs, loaded and attached one by one. Owns object, links and
// maps. Knows no JavaScript.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "event.h"

namespace eunomia
{

struct ProgramOptions {
	std::string object_path;
	/// Constants of the programs by name; 32-bit unsigned.
	std::vector<std::pair<std::string, uint32_t>> rodata;
	/// Sizes of ring buffers by map name, bytes.
	std::vector<std::pair<std::string, uint32_t>> ring_bytes;
};

/// One program and how its attach ended.
struct Probe {
	std::string name;
	bool is_attached = false;
	std::string error; // "" when attached
};

/// Why nothing could be loaded.
struct Failure {
	int error = 0; // errno, positive
	std::string what;
};

class Programs
{
public:
	/// Loads and attaches what can be. A program that is refused is left out and named in probes(). Null when
	/// nothing could be loaded.
	static std::unique_ptr<Programs> Open(const ProgramOptions &options, Failure *failure);
	~Programs();
	Programs(const Programs &) = delete;
	Programs &operator=(const Programs &) = delete;

	const std::vector<Probe> &probes() const
	{
		return probes_;
	}
	/// No more events; maps and counters stay readable. Safe to call twice.
	void Detach();
	/// File descriptor of a map, or -1.
	int MapFd(const char *name) const;
	/// One entry per possible CPU; empty when the map can't be read.
	std::vector<event_counters> Counters() const;
	std::vector<std::pair<std::string, uint64_t>> RecursionMisses() const;
	/// Watches the system calls of these kinds and leaves the others alone, from now on. `wanted` is one byte per
	/// kind; kinds of other hooks are not asked. False: errno says why.
	bool WatchKinds(const uint8_t *wanted, size_t kinds) const;
	/// Appends what the task iterator writes. False: errno says why.
	bool ReadTasks(std::vector<uint8_t> *bytes) const;

private:
	using Refusals = std::map<std::string, std::string>;

	Programs() = default;
	bool Load(const ProgramOptions &options, Failure *failure);
	bool Prepare(const ProgramOptions &options, Failure *failure);
	void LeaveOut(const Refusals &refused);
	bool SetRodata(const std::string &name, uint32_t value);
	void Attach(const Refusals &refused);

	bpf_object *object_ = nullptr;
	std::vector<bpf_link *> links_;
	std::vector<Probe> probes_;
	/// bpf/call_kinds.bpf.h as it was compiled: all kinds.
	std::vector<uint8_t> call_kinds_;
	int tasks_link_fd_ = -1;
};

} // namespace eunomia
