// SPDX-License-Identifier: Apache-2.0
// See programs.h.
#include "programs.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "probe_error.h"
#include "rings/pins.h"
#include "table_entries.h"
#include "task_args.h"

namespace eunomia
{

namespace
{

constexpr const char *kTasksProgram = "tasks";
// All arguments together; a thousand processes take 30 ms.
constexpr int kTaskArgsMs = 2000;
constexpr const char *kScratchMap = "scratches";
constexpr const char *kEnvironmentMap = "environment_names";

// The verifier gives up with EAGAIN when the thread has a signal to handle (kernel/bpf/verifier.c, do_check()). libbpf
// tries five times, but a profiler's signals come faster than a program is verified: so they wait until all is loaded.
class SignalsWait
{
public:
	SignalsWait()
	{
		sigset_t all;

		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before_);
	}
	~SignalsWait()
	{
		pthread_sigmask(SIG_SETMASK, &before_, nullptr);
	}
	SignalsWait(const SignalsWait &) = delete;
	SignalsWait &operator=(const SignalsWait &) = delete;

private:
	sigset_t before_;
};

} // namespace

std::unique_ptr<Programs> Programs::Open(const ProgramOptions &options, Failure *failure)
{
	std::unique_ptr<Programs> programs(new Programs);
	SignalsWait until_loaded;
	rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	// Failures come back as values; libbpf's own words on stderr would break a log.
	libbpf_set_print(nullptr);
	// Kernels before 5.11 count maps against this limit. Where it may not be raised, a newer kernel doesn't need
	// it: not an error.
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	programs->pin_folder_ = options.pin_folder;
	programs->no_reader_ns_ = options.no_reader_ns;
	programs->task_args_bytes_ = options.task_args_bytes;
	if (!(options.is_adopted ? programs->Adopt(options, failure) : programs->Load(options, failure)))
		return nullptr;
	return programs;
}

// Pinned links and maps go on without us: their descriptors are closed, no more.
Programs::~Programs()
{
	if (pin_folder_.empty())
		Detach();
	for (const Link &link : links_)
		bpf_link__destroy(link.link);
	for (const auto &[name, fd] : adopted_maps_)
		close(fd);
	if (object_)
		bpf_object__close(object_);
}

// Opens the object and sets what depends on knobs and machine.
bool Programs::Prepare(const ProgramOptions &options, Failure *failure)
{
	object_ = OpenObject(options.object_path, options.rodata, failure);
	if (!object_)
		return false;
	filters_.RememberCallKinds(object_);
	auto sizes = options.ring_bytes;
	sizes.emplace_back(kScratchMap, libbpf_num_possible_cpus());
	sizes.emplace_back(kPathVerdictsMap, LiveFilters::PathPlaces());
	for (const auto &[name, entries] : sizes) {
		bpf_map *map = bpf_object__find_map_by_name(object_, name.c_str());
		int error = map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
		if (error)
			return Fail(failure, -error, "size of map " + name);
	}
	return true;
}

// An object loads all its programs or none: so when one is refused, it is found by its log, left out, and the rest is
// loaded again.
bool Programs::Load(const ProgramOptions &options, Failure *failure)
{
	Refusals refused;

	for (;;) {
		if (!Prepare(options, failure))
			return false;
		bpf_program *program;
		VerifierLogs logs(object_);
		bpf_object__for_each_program(program, object_)
		{
			const char *name = bpf_program__name(program);
			if (!HasHook(program))
				refused[name] = DescribeError(ESRCH);
			if (refused.count(name))
				bpf_program__set_autoload(program, false);
		}
		int error = -bpf_object__load(object_);
		if (!error) {
			// Before the first event: programs read them, and events are numbered in the reader's epoch.
			if (!MapReader(options, failure) || !TakeEnvironment(options, failure))
				return false;
			Attach(refused);
			return pin_folder_.empty() || Pin(failure);
		}
		size_t known = refused.size();
		for (const auto &[name, reason] : logs.Reasons())
			refused.emplace(name, DescribeError(error) + " (" + reason + ")");
		bpf_object__close(object_);
		object_ = nullptr;
		if (refused.size() == known)
			return Fail(failure, error, "load " + options.object_path);
	}
}

bool Programs::TakeEnvironment(const ProgramOptions &options, Failure *failure) const
{
	int map = bpf_object__find_map_fd_by_name(object_, kEnvironmentMap);

	for (const std::string &start : options.environment) {
		environment_name name = {};
		uint32_t mode = !start.empty() && start.back() == '=' ? ENVIRONMENT_NAMED : ENVIRONMENT_MATCHED;

		if (start.size() > sizeof(name.text))
			return Fail(failure, ENAMETOOLONG, "name of a variable");
		name.bits = 8 * start.size();
		memcpy(name.text, start.data(), start.size());
		if (bpf_map_update_elem(map, &name, &mode, BPF_ANY))
			return Fail(failure, errno, "names of variables");
	}
	return true;
}

void Programs::Attach(const Refusals &refused)
{
	bpf_program *program;

	bpf_object__for_each_program(program, object_)
	{
		const char *name = bpf_program__name(program);
		auto refusal = refused.find(name);
		bpf_link *link = refusal == refused.end() ? AttachOne(program) : nullptr;
		AddProbe(name, link, refusal == refused.end() ? DescribeError(errno) : refusal->second);
	}
}

// `error` says why there is no link.
void Programs::AddProbe(const char *name, bpf_link *link, const std::string &error)
{
	probes_.push_back({name, link != nullptr, link ? "" : error});
	if (!link)
		return;
	links_.push_back({name, link});
	if (strcmp(name, kTasksProgram) == 0)
		tasks_link_fd_ = bpf_link__fd(link);
}

// What a process before us pinned. Its programs run already, and with its knobs.
bool Programs::Adopt(const ProgramOptions &options, Failure *failure)
{
	bpf_program *program;

	if (!OpenPinnedMaps(pin_folder_, &adopted_maps_))
		return Fail(failure, errno, "take over the pins in " + pin_folder_);
	object_ = OpenObject(options.object_path, {}, failure);
	if (!object_)
		return false;
	filters_.RememberCallKinds(object_);
	if (!MapReader(options, failure))
		return false;
	bpf_object__for_each_program(program, object_)
	{
		const char *name = bpf_program__name(program);
		AddProbe(name, OpenPinnedLink(pin_folder_, name),
			 "it was not attached when the pins were created; eunomia collect --unload recreates them");
	}
	return true;
}

bool Programs::MapReader(const ProgramOptions &options, Failure *failure)
{
	if (!filters_.Map([this](const char *name) { return MapFd(name); }))
		return Fail(failure, errno, "map the filters");
	if (!reader_.Map(MapFd(kReaderMap)))
		return Fail(failure, errno, "map the state of the reader");
	if (!options.is_adopted)
		reader_.Begin();
	reader_.Ignore(options.ignored_pid);
	reader_.Renew(no_reader_ns_);
	return true;
}

bool Programs::Pin(Failure *failure)
{
	for (const Link &link : links_) {
		if (PinLink(pin_folder_, link.program.c_str(), link.link))
			continue;
		return Fail(failure, errno, "pin " + link.program + " in " + pin_folder_);
	}
	if (!PinMaps(pin_folder_, object_))
		return Fail(failure, errno, "pin the maps in " + pin_folder_);
	return true;
}

std::vector<uint64_t> Programs::Unread() const
{
	std::vector<uint64_t> of_cpus(libbpf_num_possible_cpus() * KIND_MAX), kinds(KIND_MAX);
	uint32_t zero = 0;

	if (!bpf_map_lookup_elem(MapFd("unread"), &zero, of_cpus.data()))
		for (size_t i = 0; i < of_cpus.size(); i++)
			kinds[i % KIND_MAX] += of_cpus[i];
	return kinds;
}

// Waits for programs that run on other CPUs, so that rings and counters are final afterwards.
void Programs::Detach()
{
	for (const Link &link : links_) {
		if (!pin_folder_.empty())
			UnpinLink(pin_folder_, link.program.c_str());
		bpf_link__destroy(link.link);
	}
	if (!links_.empty())
		WaitForPrograms();
	links_.clear();
	tasks_link_fd_ = -1;
}

int Programs::MapFd(const char *name) const
{
	auto adopted = adopted_maps_.find(name);

	return adopted == adopted_maps_.end() ? bpf_object__find_map_fd_by_name(object_, name) : adopted->second;
}

std::vector<event_counters> Programs::Counters() const
{
	std::vector<event_counters> counters(libbpf_num_possible_cpus());
	uint32_t zero = 0;

	// A per-CPU value has a size that is a multiple of 8, as has event_counters: the kernel writes one after the
	// other.
	static_assert(sizeof(event_counters) % 8 == 0, "one per-CPU value after the other");
	if (bpf_map_lookup_elem(MapFd("counters"), &zero, counters.data()))
		counters.clear();
	return counters;
}

std::vector<std::pair<std::string, uint64_t>> Programs::RecursionMisses() const
{
	std::vector<std::pair<std::string, uint64_t>> misses;

	for (const Link &link : links_) {
		bpf_link_info of_link = {};
		bpf_prog_info info = {};
		uint32_t link_bytes = sizeof(of_link), bytes = sizeof(info);
		if (bpf_link_get_info_by_fd(bpf_link__fd(link.link), &of_link, &link_bytes))
			continue;
		int fd = bpf_prog_get_fd_by_id(of_link.prog_id);
		if (fd < 0)
			continue;
		if (!bpf_prog_get_info_by_fd(fd, &info, &bytes))
			misses.emplace_back(link.program, info.recursion_misses);
		close(fd);
	}
	return misses;
}

bool Programs::ReadTable(const char *name, std::vector<uint8_t> *bytes) const
{
	int fd = MapFd(name);

	return fd < 0 || ReadEntries(fd, TableUse::kKeep, bytes);
}

bool Programs::ReadTasks(std::vector<uint8_t> *bytes) const
{
	if (tasks_link_fd_ < 0) {
		errno = ENOENT;
		return false;
	}
	if (!ReadIterator(tasks_link_fd_, bytes))
		return false;
	AddTaskArgs(bytes, task_args_bytes_, kTaskArgsMs);
	return true;
}

} // namespace eunomia
