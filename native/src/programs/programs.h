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

#include "bpf_object.h"
#include "process/environment.h"
#include "record/event.h"
#include "session/live_filters.h"
#include "rings/reader_page.h"

namespace eunomia
{

struct ProgramOptions {
	std::string object_path;
	/// Constants of the programs by name; 32-bit unsigned.
	NamedNumbers rodata;
	/// Sizes of ring buffers by map name, bytes.
	NamedNumbers ring_bytes;
	/// Prefixes of the environment variables that are reported; "NAME=" is one whole name.
	std::vector<std::string> environment;
	/// Folder in bpffs: empty for programs that end with the process, else maps and links are pinned there.
	std::string pin_folder;
	/// The folder holds a complete set already: it is taken over, and nothing is loaded.
	bool is_adopted = false;
	/// Leave out events of this process; 0 for none.
	uint32_t ignored_pid = 0;
	/// Most arguments that are read of a process that runs already.
	uint32_t task_args_bytes = 0;
	/// With pins: how long after the last Renew() the programs only count, nanoseconds.
	uint64_t no_reader_ns = 0;
};

/// One program and how its attach ended.
struct Probe {
	std::string name;
	bool is_attached = false;
	std::string error; // "" when attached
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
	/// No more events; maps and counters stay readable. Pins of links are removed, so that it holds beyond the
	/// process. Safe to call twice.
	void Detach();
	/// Says that there is a reader.
	void Renew()
	{
		reader_.Renew(no_reader_ns_);
	}
	/// State that is stored with the counters.
	const reader_state &reader() const
	{
		return reader_.state();
	}
	/// Events dropped because no reader ran, by kind, all CPUs.
	std::vector<uint64_t> Unread() const;
	/// File descriptor of a map, or -1.
	int MapFd(const char *name) const;
	/// One entry per possible CPU; empty when the map can't be read.
	std::vector<event_counters> Counters() const;
	std::vector<std::pair<std::string, uint64_t>> RecursionMisses() const;
	/// What the programs leave out.
	LiveFilters &filters()
	{
		return filters_;
	}
	/// Appends key and value of each entry of a hash map. Nothing of an older set without it. False: errno says
	/// why.
	bool ReadTable(const char *name, std::vector<uint8_t> *bytes) const;
	/// Appends what the task iterator writes, with the arguments. False: errno says why.
	bool ReadTasks(std::vector<uint8_t> *bytes) const;

private:
	using Refusals = std::map<std::string, std::string>;

	Programs() = default;
	bool Load(const ProgramOptions &options, Failure *failure);
	bool Adopt(const ProgramOptions &options, Failure *failure);
	bool MapReader(const ProgramOptions &options, Failure *failure);
	bool TakeEnvironment(const ProgramOptions &options, Failure *failure) const;
	bool Pin(Failure *failure);
	bool Prepare(const ProgramOptions &options, Failure *failure);
	void Attach(const Refusals &refused);
	void AddProbe(const char *name, bpf_link *link, const std::string &error);

	struct Link {
		std::string program;
		bpf_link *link;
	};

	bpf_object *object_ = nullptr; // of adopted programs not loaded: it has their names
	std::vector<Link> links_;
	std::map<std::string, int> adopted_maps_;
	std::string pin_folder_;
	ReaderPage reader_;
	uint64_t no_reader_ns_ = 0;
	std::vector<Probe> probes_;
	LiveFilters filters_;
	int tasks_link_fd_ = -1;
	uint32_t task_args_bytes_ = 0;
};

} // namespace eunomia
