// SPDX-License-Identifier: Apache-2.0
// One expression of RE2 over UTF-8.
#pragma once
#include <napi.h>

namespace eunomia
{

// (pattern, isWhole, maxBytes): the object that native/regex.ts describes as Regex.
Napi::Value CompileRegex(const Napi::CallbackInfo &info);

} // namespace eunomia
