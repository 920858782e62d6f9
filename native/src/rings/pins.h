// SPDX-License-Identifier: Apache-2.0
// A set of maps and links pinned in one folder of bpffs: made by a session that is to outlive its process, taken over
// by the next. Knows names of pins, not what the maps hold. Who makes, completes and removes folders is
// native/pins.ts.
#pragma once
#include <bpf/libbpf.h>

#include <map>
#include <string>

namespace eunomia
{

/// The map whose pin is made last: a folder with it is complete.
constexpr const char *kReaderMap = ".data.reader";

/// What is watched and left out, switched while probes run: live_filters.h.
constexpr const char *kCallKindsMap = ".data.calls";
constexpr const char *kFiltersMap = ".data.filters";
constexpr const char *kFilterNumbersMap = "filter_numbers";
constexpr const char *kPathVerdictsMap = "path_verdicts";
constexpr const char *kSuppressionsMap = "suppressions";
/// Tables that are read as a whole.
constexpr const char *kBudgetsMap = "budgets";
constexpr const char *kUnknownCallsMap = "unknown_calls";

/// Maps that are pinned: what is read from outside of the programs. Those only the programs use live with their links.
constexpr const char *kPinnedMaps[] = {"security_ring",	 "bulk_ring",	   "controls",	"counters",
				       "unread",	 kCallKindsMap,	   kFiltersMap, kFilterNumbersMap,
				       kPathVerdictsMap, kSuppressionsMap, kBudgetsMap, kUnknownCallsMap,
				       kReaderMap};

/// Pins `link`. False: errno says why.
bool PinLink(const std::string &folder, const char *program, bpf_link *link);
/// Pins the maps of `object`, the reader's last. False: errno says why.
bool PinMaps(const std::string &folder, bpf_object *object);
/// The maps of a complete folder by name. False: errno says why; EINVAL when one is not of the type and size of ours.
bool OpenPinnedMaps(const std::string &folder, std::map<std::string, int> *fds);
/// The pinned link of a program; null when there is none.
bpf_link *OpenPinnedLink(const std::string &folder, const char *program);
/// Removes the pin of a link, not the link while a descriptor is open.
void UnpinLink(const std::string &folder, const char *program);

} // namespace eunomia
