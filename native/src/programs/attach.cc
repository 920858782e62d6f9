// SPDX-License-Identifier: Apache-2.0
// See attach.h.
#include "attach.h"

#include <bpf/btf.h>
#include <fcntl.h>
#include <mntent.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace eunomia
{

namespace
{

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

} // namespace

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

} // namespace eunomia
