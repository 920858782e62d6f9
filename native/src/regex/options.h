// SPDX-License-Identifier: Apache-2.0
// Options of expressions, as native/regex.ts passes them.
#pragma once
#include <node_api.h>
#include <re2/re2.h>

namespace eunomia
{

struct CompileOptions {
	bool is_whole = false;
	RE2::Options re2;
};

// RE2 spends two thirds of the bytes on the program and the rest on its cache of states. A larger program is refused.
// False, with an exception pending, for other types.
inline bool ReadOptions(napi_env env, napi_value is_whole, napi_value max_bytes, CompileOptions *options)
{
	int64_t bytes = 0;

	if (napi_get_value_bool(env, is_whole, &options->is_whole) != napi_ok ||
	    napi_get_value_int64(env, max_bytes, &bytes) != napi_ok) {
		napi_throw_type_error(env, nullptr, "isWhole must be a boolean and maxBytes a number");
		return false;
	}
	options->re2.set_log_errors(false);
	options->re2.set_max_mem(bytes);
	return true;
}

} // namespace eunomia
