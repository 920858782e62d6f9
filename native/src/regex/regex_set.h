// SPDX-License-Identifier: Apache-2.0
// Many expressions in one run over a text (RE2::Set).
#pragma once
#include <node_api.h>

namespace eunomia
{

// (patterns, isWhole, maxBytes): the object that native/regex.ts describes as RegexSet.
napi_value CompileRegexSet(napi_env env, napi_callback_info info);

} // namespace eunomia
