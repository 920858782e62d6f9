// SPDX-License-Identifier: Apache-2.0
// The addon of regular expressions. Not part of the kernel's addon: functions evaluate rules where there is no libbpf.
// Context-aware, no static state.
#include <napi.h>

#include "regex.h"
#include "regex_set.h"

namespace
{

Napi::Object Init(Napi::Env env, Napi::Object exports)
{
	exports.Set("compileRegex", Napi::Function::New(env, eunomia::CompileRegex));
	exports.Set("compileRegexSet", Napi::Function::New(env, eunomia::CompileRegexSet));
	return exports;
}

} // namespace

NODE_API_MODULE(regex, Init)
