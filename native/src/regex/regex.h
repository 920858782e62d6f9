// SPDX-License-Identifier: Apache-2.0
// One expression of RE2 over UTF-8.
#pragma once
#include <node_api.h>

namespace eunomia
{

// (pattern, isWhole, maxBytes): the object that native/regex.ts describes as Regex.
napi_value CompileRegex(napi_env env, napi_callback_info info);

} // namespace eunomia
