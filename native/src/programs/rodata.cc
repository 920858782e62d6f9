// SPDX-License-Identifier: Apache-2.0
// See rodata.h.
#include "rodata.h"

#include <bpf/btf.h>

#include <cstring>

namespace eunomia
{

bool SetRodata(bpf_object *object, const std::string &name, uint32_t value)
{
	const btf *types = bpf_object__btf(object);
	bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
	size_t bytes = 0;

	if (!map || section < 0)
		return false;
	auto *memory = static_cast<uint8_t *>(bpf_map__initial_value(map, &bytes));
	const btf_type *type = btf__type_by_id(types, section);
	const btf_var_secinfo *variable = btf_var_secinfos(type);
	for (unsigned i = 0; memory && i < btf_vlen(type); i++, variable++) {
		const btf_type *declared = btf__type_by_id(types, variable->type);
		if (name != btf__name_by_offset(types, declared->name_off))
			continue;
		if (variable->size != sizeof(value) || variable->offset + sizeof(value) > bytes)
			return false;
		memcpy(memory + variable->offset, &value, sizeof(value));
		return true;
	}
	return false;
}

} // namespace eunomia
