// SPDX-License-Identifier: Apache-2.0
// See pins.h.
#include "pins.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "record/budgets.h"
#include "record/event.h"
#include "record/filters.h"
#include "record/reader.h"

namespace eunomia
{

namespace
{

// A name in bpffs has no dots (kernel/bpf/inode.c, bpf_lookup()).
std::string MapPin(const std::string &folder, const char *map)
{
	constexpr const char *kDataSection = ".data.";
	bool is_section = strncmp(map, kDataSection, strlen(kDataSection)) == 0;

	return folder + "/map_" + (is_section ? map + strlen(kDataSection) : map);
}

std::string LinkPin(const std::string &folder, const char *program)
{
	return folder + "/link_" + program;
}

struct Shape {
	const char *map;
	uint32_t type;
	uint32_t value_bytes; // 0 for any
	bool is_needed;	      // to read the rest of an older set; what came later may not be there
};

constexpr Shape kShapes[] = {
	{"security_ring", BPF_MAP_TYPE_RINGBUF, 0, true},
	{"bulk_ring", BPF_MAP_TYPE_RINGBUF, 0, true},
	{"controls", BPF_MAP_TYPE_ARRAY, sizeof(ring_control), true},
	{"counters", BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(event_counters), true},
	{"unread", BPF_MAP_TYPE_PERCPU_ARRAY, KIND_MAX * sizeof(uint64_t), true},
	{kCallKindsMap, BPF_MAP_TYPE_ARRAY, 0, true},
	{kFiltersMap, BPF_MAP_TYPE_ARRAY, sizeof(filter_settings), false},
	{kFilterNumbersMap, BPF_MAP_TYPE_HASH, sizeof(uint32_t), false},
	{kPathVerdictsMap, BPF_MAP_TYPE_ARRAY, sizeof(uint64_t), false},
	{kSuppressionsMap, BPF_MAP_TYPE_PERCPU_ARRAY, FILTER_MAX *KIND_MAX * sizeof(uint64_t), false},
	{kBudgetsMap, BPF_MAP_TYPE_LRU_HASH, sizeof(budget), false},
	{kUnknownCallsMap, BPF_MAP_TYPE_HASH, sizeof(uint64_t), false},
	{kReaderMap, BPF_MAP_TYPE_ARRAY, sizeof(reader_state), true},
};

bool IsOurs(int fd, const Shape &shape)
{
	bpf_map_info info = {};
	uint32_t bytes = sizeof(info);

	return !bpf_map_get_info_by_fd(fd, &info, &bytes) && info.type == shape.type &&
	       (shape.value_bytes == 0 || info.value_size == shape.value_bytes);
}

} // namespace

bool PinLink(const std::string &folder, const char *program, bpf_link *link)
{
	int error = bpf_link__pin(link, LinkPin(folder, program).c_str());

	errno = -error;
	return !error;
}

bool PinMaps(const std::string &folder, bpf_object *object)
{
	for (const char *name : kPinnedMaps) {
		bpf_map *map = bpf_object__find_map_by_name(object, name);
		if (!map) {
			errno = ENOENT;
			return false;
		}
		if (bpf_obj_pin(bpf_map__fd(map), MapPin(folder, name).c_str()))
			return false;
	}
	return true;
}

bool OpenPinnedMaps(const std::string &folder, std::map<std::string, int> *fds)
{
	for (const Shape &shape : kShapes) {
		int fd = bpf_obj_get(MapPin(folder, shape.map).c_str());
		if (fd < 0 && !shape.is_needed && errno == ENOENT)
			continue;
		if (fd < 0)
			return false;
		(*fds)[shape.map] = fd;
		if (!IsOurs(fd, shape)) {
			errno = EINVAL;
			return false;
		}
	}
	return true;
}

bpf_link *OpenPinnedLink(const std::string &folder, const char *program)
{
	return bpf_link__open(LinkPin(folder, program).c_str());
}

void UnpinLink(const std::string &folder, const char *program)
{
	unlink(LinkPin(folder, program).c_str());
}

} // namespace eunomia
