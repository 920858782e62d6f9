// SPDX-License-Identifier: Apache-2.0
// See table_entries.h. Batches are read bucket by bucket (__htab_map_lookup_and_delete_batch(), kernel/bpf/hashtab.c,
// 5.6): a batch that is smaller than a bucket is refused with ENOSPC, the end is reported with ENOENT.
#include "table_entries.h"

#include <bpf/bpf.h>

#include <cerrno>

namespace eunomia
{

bool ReadEntries(int map_fd, TableUse use, std::vector<uint8_t> *bytes)
{
	bpf_map_info info = {};
	uint32_t info_bytes = sizeof(info), batch = 2048, place = 0, next = 0;
	std::vector<uint8_t> keys, values;
	bool is_first = true;

	if (bpf_map_get_info_by_fd(map_fd, &info, &info_bytes))
		return false;
	for (;;) {
		uint32_t count = batch;
		keys.resize(size_t{batch} * info.key_size);
		values.resize(size_t{batch} * info.value_size);
		auto *read = use == TableUse::kEmpty ? bpf_map_lookup_and_delete_batch : bpf_map_lookup_batch;
		int error =
			read(map_fd, is_first ? nullptr : &place, &next, keys.data(), values.data(), &count, nullptr)
				? errno
				: 0;
		if (error == ENOSPC && batch < info.max_entries) {
			batch *= 2;
			continue;
		}
		if (error == EINTR || error == EAGAIN)
			continue;
		if (error && error != ENOENT) {
			errno = error;
			return false;
		}
		for (uint32_t i = 0; i < count; i++) {
			bytes->insert(bytes->end(), keys.begin() + i * info.key_size,
				      keys.begin() + (i + 1) * info.key_size);
			bytes->insert(bytes->end(), values.begin() + i * info.value_size,
				      values.begin() + (i + 1) * info.value_size);
		}
		if (error == ENOENT)
			return true;
		place = next;
		is_first = false;
	}
}

} // namespace eunomia
