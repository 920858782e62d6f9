// SPDX-License-Identifier: Apache-2.0
// See regex.h.
#include "regex.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "closure.h"
#include "options.h"
#include "text_argument.h"

namespace eunomia
{

namespace
{

napi_value Matches(napi_env env, const RE2 &expression, std::string_view text)
{
	napi_value matches = nullptr;
	bool is_match = expression.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);

	napi_get_boolean(env, is_match, &matches);
	return matches;
}

// test(text)
napi_value Test(napi_env env, napi_callback_info info)
{
	TextArgument text;
	napi_value values[1];
	const RE2 &expression = CalledWith<RE2>(env, info, values);

	return text.Read(env, values[0]) ? Matches(env, expression, text.view()) : nullptr;
}

// testBytes(bytes, start, end)
napi_value TestBytes(napi_env env, napi_callback_info info)
{
	TextArgument text;
	napi_value values[3];
	const RE2 &expression = CalledWith<RE2>(env, info, values);

	return text.Read(env, values[0], values[1], values[2]) ? Matches(env, expression, text.view()) : nullptr;
}

// find(bytes, from, offsets): read in place, so that the offsets are those of the caller.
napi_value Find(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	const RE2 &expression = CalledWith<RE2>(env, info, values);
	napi_typedarray_type bytes_type = napi_int8_array, offsets_type = napi_int8_array;
	void *data = nullptr, *room = nullptr;
	size_t length = 0, room_length = 0;
	double from;
	napi_value found = nullptr;

	napi_get_typedarray_info(env, values[0], &bytes_type, &length, &data, nullptr, nullptr);
	napi_get_typedarray_info(env, values[2], &offsets_type, &room_length, &room, nullptr, nullptr);
	if (bytes_type != napi_uint8_array || offsets_type != napi_int32_array ||
	    napi_get_value_double(env, values[1], &from) != napi_ok) {
		napi_throw_type_error(env, nullptr, "find needs a Uint8Array, an offset and an Int32Array");
		return nullptr;
	}
	if (!(from >= 0 && from <= UINT32_MAX)) {
		napi_throw_range_error(env, nullptr, "the offset must be 0 to 4294967295");
		return nullptr;
	}
	// Not null, also of an empty array: a group whose text is null took no part.
	absl::string_view text(data == nullptr ? "" : static_cast<const char *>(data), length);
	auto *offsets = static_cast<int32_t *>(room);
	std::vector<absl::string_view> groups(room_length / 2);
	bool is_match =
		from <= text.size() && expression.Match(text, static_cast<size_t>(from), text.size(), RE2::UNANCHORED,
							groups.data(), static_cast<int>(groups.size()));
	for (size_t group = 0; is_match && group < groups.size(); group++) {
		bool took_part = groups[group].data() != nullptr;
		int32_t start = took_part ? static_cast<int32_t>(groups[group].data() - text.data()) : -1;
		offsets[2 * group] = start;
		offsets[2 * group + 1] = took_part ? start + static_cast<int32_t>(groups[group].size()) : -1;
	}
	napi_get_boolean(env, is_match, &found);
	return found;
}

napi_value Methods(napi_env env, const std::shared_ptr<RE2> &expression)
{
	ObjectBuilder names(env);
	ObjectBuilder methods(env);

	for (const auto &[name, number] : expression->NamedCapturingGroups())
		names.Set(name.c_str(), number);
	methods.Set("programSize", expression->ProgramSize());
	methods.Set("groupCount", expression->NumberOfCapturingGroups());
	methods.Set("groupNames", names.object());
	methods.SetClosure("test", Test, expression);
	methods.SetClosure("testBytes", TestBytes, expression);
	methods.SetClosure("find", Find, expression);
	return methods.object();
}

} // namespace

napi_value CompileRegex(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	std::string pattern;
	CompileOptions options;

	ArgumentsOf(env, info, values);
	if (!ReadString(env, values[0], &pattern)) {
		napi_throw_type_error(env, nullptr, "the pattern must be a string");
		return nullptr;
	}
	if (!ReadOptions(env, values[1], values[2], &options))
		return nullptr;
	if (options.is_whole) {
		// Parsed alone first: a parenthesis too many must not close the group that the pattern is put into.
		std::string mistake;
		if (RE2::Set(options.re2, RE2::UNANCHORED).Add(pattern, &mistake) < 0)
			return ThrowError(env, mistake);
		// Not ANCHOR_BOTH: with a ^ in the pattern, RE2 compares a literal beginning before it runs the
		// program.
		pattern = "^(?:" + pattern + ")$";
	}
	auto expression = std::make_shared<RE2>(pattern, options.re2);
	std::string problem = expression->error();
	if (expression->ok() && expression->CapturingGroupNames().size() != expression->NamedCapturingGroups().size())
		problem = "duplicate capture group name";
	return problem.empty() ? Methods(env, expression) : ThrowError(env, problem);
}

} // namespace eunomia
