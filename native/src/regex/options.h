// SPDX-License-Identifier: Apache-2.0
// Options of expressions, as native/regex.ts passes them.
#pragma once
#include <napi.h>
#include <re2/re2.h>

namespace eunomia
{

// RE2 spends two thirds of the bytes on the program and the rest on its cache of states. A larger program is refused.
inline RE2::Options OptionsOf(const Napi::Value &max_bytes)
{
	RE2::Options options;

	options.set_log_errors(false);
	options.set_max_mem(max_bytes.ToNumber().Int64Value());
	return options;
}

} // namespace eunomia
