// SPDX-License-Identifier: Apache-2.0
// What every user of an object of libbpf does with it: open it, set its constants, load it with the words of the
// verifier, attach its programs, run its iterators. Knows nothing of sessions.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace eunomia
{

/// Why nothing could be loaded.
struct Failure {
	int error = 0; // errno, positive
	std::string what;
};

/// Fills `failure` and returns false, as a function that fails does.
bool Fail(Failure *failure, int error, std::string what);

/// Values of constants and sizes of maps, by name.
using NamedNumbers = std::vector<std::pair<std::string, uint32_t>>;

/// Opens an object and sets its constants, 32-bit in .rodata. Null when it has none of that name and size.
bpf_object *OpenObject(const std::string &path, const NamedNumbers &rodata, Failure *failure);

/// The verifier's log of each program of an object. It must exist until the object is loaded.
class VerifierLogs
{
public:
	explicit VerifierLogs(bpf_object *object);
	/// Why programs were refused, by name. Empty when the verifier refused none.
	std::map<std::string, std::string> Reasons() const;

private:
	std::map<std::string, std::vector<char>> logs_;
};

/// The hook of a tp_btf program must be in the kernel's BTF: libbpf would fail the whole load, without saying for which
/// program.
bool HasHook(const bpf_program *program);
/// It runs only when it is read (ReadIterator).
bool IsIterator(const bpf_program *program);
/// Attaches it; a program of a cgroup to the root, so that it sees all. Null with errno, as bpf_program__attach() does.
bpf_link *AttachOne(bpf_program *program);
/// Runs an iterator over everything that it iterates over, and appends what it writes. False: errno says why.
bool ReadIterator(int link_fd, std::vector<uint8_t> *bytes);
/// After it, every program run that began before has ended: what it wrote is final, and what it read is not used any
/// more.
void WaitForPrograms();

} // namespace eunomia
