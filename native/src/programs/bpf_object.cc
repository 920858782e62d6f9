// SPDX-License-Identifier: Apache-2.0
// See bpf_object.h.
#include "bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <mntent.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "probe_error.h"
#include "record/layout_hash.h"

namespace eunomia
{

namespace
{

// The end of a longer log, which has the reason, is what the kernel leaves (6.4 and later).
constexpr size_t kLogBytes = 64 << 10;

constexpr const char *kOtherVersion = " is of another version (run the set-up again: npm run setup)";

// Where the default hierarchy of cgroups is mounted; within a cgroup namespace it is the part that is seen from there.
// Empty for none.
std::string CgroupRoot()
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	std::string root;

	if (!mounts)
		return root;
	while (mntent *entry = getmntent(mounts)) {
		if (std::string(entry->mnt_type) != "cgroup2")
			continue;
		root = entry->mnt_dir;
		break;
	}
	endmntent(mounts);
	return root;
}

// Where the object has a constant of that name and size; null when it has none.
void *FindRodata(bpf_object *object, const std::string &name, size_t size)
{
	const btf *types = bpf_object__btf(object);
	bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
	size_t bytes = 0;

	if (!map || section < 0)
		return nullptr;
	auto *memory = static_cast<uint8_t *>(bpf_map__initial_value(map, &bytes));
	const btf_type *type = btf__type_by_id(types, section);
	const btf_var_secinfo *variable = btf_var_secinfos(type);
	for (unsigned i = 0; memory && i < btf_vlen(type); i++, variable++) {
		const btf_type *declared = btf__type_by_id(types, variable->type);
		if (name != btf__name_by_offset(types, declared->name_off))
			continue;
		if (variable->size != size || variable->offset + size > bytes)
			return nullptr;
		return memory + variable->offset;
	}
	return nullptr;
}

// False when the object has none of that name and size.
bool SetRodata(bpf_object *object, const std::string &name, uint32_t value)
{
	void *place = FindRodata(object, name, sizeof(value));

	if (place)
		memcpy(place, &value, sizeof(value));
	return place;
}

// Whether the object was built from the same headers as the addon.
bool Fits(bpf_object *object)
{
	uint32_t hash = LAYOUT_HASH;
	const void *place = FindRodata(object, "layout_hash", sizeof(hash));

	return place && !memcmp(place, &hash, sizeof(hash));
}

} // namespace

bool Fail(Failure *failure, int error, std::string what)
{
	*failure = {error, std::move(what)};
	return false;
}

bpf_object *OpenObject(const std::string &path, const NamedNumbers &rodata, Failure *failure)
{
	bpf_object *object = bpf_object__open_file(path.c_str(), nullptr);

	if (!object) {
		Fail(failure, errno, "open " + path);
		return nullptr;
	}
	if (!Fits(object)) {
		Fail(failure, ENOEXEC, path + kOtherVersion);
		bpf_object__close(object);
		return nullptr;
	}
	for (const auto &[name, value] : rodata) {
		if (SetRodata(object, name, value))
			continue;
		Fail(failure, ENOEXEC, path + kOtherVersion + ", without " + name);
		bpf_object__close(object);
		return nullptr;
	}
	return object;
}

VerifierLogs::VerifierLogs(bpf_object *object)
{
	bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		std::vector<char> &log = logs_[bpf_program__name(program)];
		log.resize(kLogBytes);
		bpf_program__set_log_buf(program, log.data(), log.size());
	}
}

std::map<std::string, std::string> VerifierLogs::Reasons() const
{
	std::map<std::string, std::string> reasons;

	for (const auto &[name, log] : logs_)
		if (std::string reason = VerifierReason(log.data()); !reason.empty())
			reasons[name] = reason;
	return reasons;
}

bool HasHook(const bpf_program *program)
{
	const char *section = bpf_program__section_name(program);
	const char *slash = strchr(section, '/');

	if (strncmp(section, "tp_btf/", 7) != 0 || !slash)
		return true;
	return libbpf_find_vmlinux_btf_id(slash + 1, BPF_TRACE_RAW_TP) > 0;
}

bool IsIterator(const bpf_program *program)
{
	return bpf_program__type(program) == BPF_PROG_TYPE_TRACING &&
	       bpf_program__expected_attach_type(program) == BPF_TRACE_ITER;
}

bpf_link *AttachOne(bpf_program *program)
{
	if (bpf_program__type(program) != BPF_PROG_TYPE_CGROUP_SOCK)
		return bpf_program__attach(program);
	int root = open(CgroupRoot().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return nullptr;
	bpf_link *link = bpf_program__attach_cgroup(program, root);
	int error = errno;
	close(root);
	errno = error;
	return link;
}

// A read ends with EAGAIN after a million objects of which nothing was written, and the next one goes on after them
// (bpf_seq_read(), kernel/bpf/bpf_iter.c).
bool ReadIterator(int link_fd, std::vector<uint8_t> *bytes)
{
	uint8_t buffer[32 << 10];
	ssize_t length;
	int fd = bpf_iter_create(link_fd);

	if (fd < 0)
		return false;
	while ((length = read(fd, buffer, sizeof(buffer))) > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN)))
		if (length > 0)
			bytes->insert(bytes->end(), buffer, buffer + length);
	int error = errno;
	close(fd);
	errno = error;
	return length == 0;
}

// The barrier is synchronize_rcu(), and programs run under rcu_read_lock(). A kernel with nohz_full CPUs has none
// (EINVAL): there this thread runs on each CPU once. Programs of tracepoints are not preempted, so what ran on a CPU
// has ended when this thread does. A CPU that this process may not use stays out.
void WaitForPrograms()
{
	cpu_set_t before, one;

	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) || sched_getaffinity(0, sizeof(before), &before))
		return;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	for (long cpu = 0; cpu < cpus && cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
	sched_setaffinity(0, sizeof(before), &before);
}

} // namespace eunomia
