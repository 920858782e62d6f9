// SPDX-License-Identifier: Apache-2.0
// Errnos of libbpf and the kernel as words: name and what it usually means when programs are loaded and attached.
#pragma once
#include <string>

namespace eunomia
{

/// "EPERM: not permitted (needs root, or ...)". `error` is positive.
std::string DescribeError(int error);

/// The line of a verifier log that says why a program was refused, or "" for an empty log.
std::string VerifierReason(const std::string &log);

} // namespace eunomia
