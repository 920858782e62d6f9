// SPDX-License-Identifier: Apache-2.0
// See probe_error.h.
#include "probe_error.h"

#include <cerrno>
#include <cstring>

namespace eunomia
{

namespace
{

struct Meaning {
	int error;
	const char *text;
};

const Meaning kMeanings[] = {
	{EPERM, "not permitted: needs root or CAP_BPF and CAP_PERFMON, and a kernel that is not locked down"},
	{EACCES, "the verifier refused the program, or a security module did"},
	{ENOEXEC, "built from other headers than this addon"},
	{EINVAL, "this kernel doesn't take the program: too old, or built without a feature"},
	{ESRCH, "this kernel doesn't have the hook"},
	{ENOENT, "this kernel doesn't have the hook"},
	{ENOMEM, "out of memory"},
	{E2BIG, "too large for this kernel"},
	{EFAULT, "the verifier gave up on the program"},
	{EBUSY, "the hook is taken"},
	{524, "this kernel doesn't support it"}, // ENOTSUPP, which no libc knows
};

// What the verifier adds after the reason.
const char *const kStatistics[] = {"processed ", "verification time ", "stack depth ", "mark_precise: ", "-- END"};

bool IsStatistics(const std::string &line)
{
	for (const char *prefix : kStatistics)
		if (line.compare(0, strlen(prefix), prefix) == 0)
			return true;
	return false;
}

} // namespace

std::string DescribeError(int error)
{
	const char *name = strerrorname_np(error);
	std::string text = name ? name : "errno " + std::to_string(error);

	for (const Meaning &meaning : kMeanings)
		if (meaning.error == error)
			return text + ": " + meaning.text;
	return text + ": " + strerror(error);
}

std::string VerifierReason(const std::string &log)
{
	std::string reason;

	for (size_t start = 0; start < log.size();) {
		size_t end = log.find('\n', start);
		if (end == std::string::npos)
			end = log.size();
		std::string line = log.substr(start, end - start);
		if (!line.empty() && !IsStatistics(line))
			reason = line;
		start = end + 1;
	}
	return reason;
}

} // namespace eunomia
