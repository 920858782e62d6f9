// SPDX-License-Identifier: Apache-2.0
// The addon of regular expressions. Not part of the kernel's addon: functions evaluate rules where there is no libbpf.
// Context-aware, no static state.
#include <node_api.h>

#include "regex.h"
#include "regex_set.h"

NAPI_MODULE_INIT()
{
	napi_value function;

	// A worker that is terminated meanwhile needs no exports.
	if (napi_create_function(env, "compileRegex", NAPI_AUTO_LENGTH, eunomia::CompileRegex, nullptr, &function) ==
	    napi_ok)
		napi_set_named_property(env, exports, "compileRegex", function);
	if (napi_create_function(env, "compileRegexSet", NAPI_AUTO_LENGTH, eunomia::CompileRegexSet, nullptr,
				 &function) == napi_ok)
		napi_set_named_property(env, exports, "compileRegexSet", function);
	return exports;
}
