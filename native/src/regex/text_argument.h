// SPDX-License-Identifier: Apache-2.0
// The text that a JavaScript call passes to an expression: a string of one character per byte, or a span of a
// Uint8Array.
#pragma once
#include <node_api.h>

#include <string>
#include <string_view>

#include "utf8.h"

namespace eunomia
{

// Valid UTF-8 while the call lasts. Copied only where that can't be avoided: bytes that are valid are read in place.
class TextArgument
{
public:
	// Of byte text. False, with an exception pending, for what is no string.
	bool Read(napi_env env, napi_value value)
	{
		size_t length;

		if (napi_get_value_string_latin1(env, value, inline_, sizeof(inline_), &length) != napi_ok)
			return Refuse(env, "the text must be a string of one character per byte");
		if (length + 1 < sizeof(inline_))
			return Take({inline_, length});
		napi_get_value_string_latin1(env, value, nullptr, 0, &length);
		copy_.resize(length);
		napi_get_value_string_latin1(env, value, copy_.data(), length + 1, &length);
		return Take(copy_);
	}

	// Of bytes from one offset to another. False, with an exception pending, for what is no such span.
	bool Read(napi_env env, napi_value array, napi_value start_value, napi_value end_value)
	{
		bool is_bytes = false;
		void *data;
		size_t length;
		double start, end; // not uint32_t, which wraps

		napi_is_buffer(env, array, &is_bytes);
		if (!is_bytes || napi_get_buffer_info(env, array, &data, &length) != napi_ok ||
		    napi_get_value_double(env, start_value, &start) != napi_ok ||
		    napi_get_value_double(env, end_value, &end) != napi_ok ||
		    !(start >= 0 && start <= end && end <= length))
			return Refuse(env, "the text must be a Uint8Array and two offsets in it");
		auto first = static_cast<size_t>(start);
		return Take({static_cast<const char *>(data) + first, static_cast<size_t>(end) - first});
	}

	std::string_view view() const
	{
		return view_;
	}

private:
	bool Take(std::string_view text)
	{
		view_ = text;
		if (!IsUtf8(text)) {
			copy_ = ValidUtf8(text);
			view_ = copy_;
		}
		return true;
	}

	static bool Refuse(napi_env env, const char *message)
	{
		napi_throw_type_error(env, nullptr, message);
		return false;
	}

	char inline_[2048];
	std::string copy_;
	std::string_view view_;
};

} // namespace eunomia
