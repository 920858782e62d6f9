// SPDX-License-Identifier: Apache-2.0
// Many expressions in one run over a text (RE2::Set).
#pragma once
#include <napi.h>

namespace eunomia
{

// (patterns, isWhole, maxBytes): the object that native/regex.ts describes as RegexSet.
Napi::Value CompileRegexSet(const Napi::CallbackInfo &info);

} // namespace eunomia
