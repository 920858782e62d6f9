// SPDX-License-Identifier: Apache-2.0
// See regex_set.h.
#include "regex_set.h"

#include <re2/set.h>

#include <algorithm>
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

struct SetState {
	SetState(const RE2::Options &options, RE2::Anchor anchor) : set(options, anchor)
	{
	}

	RE2::Set set;
	uint32_t size = 0;
	std::vector<int> found; // of the last match: its memory is used again
};

// Returns what is wrong; empty when nothing is.
std::string Compile(napi_env env, SetState *state, napi_value patterns)
{
	RE2::Set::ErrorInfo error = {};

	if (napi_get_array_length(env, patterns, &state->size) != napi_ok)
		return "the patterns must be an array";
	for (uint32_t id = 0; id < state->size; id++) {
		napi_value value = nullptr;
		std::string pattern, problem;
		if (napi_get_element(env, patterns, id, &value) != napi_ok || !ReadString(env, value, &pattern))
			return "pattern " + std::to_string(id) + ": not a string";
		if (state->set.Add(pattern, &problem) < 0)
			return "pattern " + std::to_string(id) + ": " + problem;
	}
	// The first match makes the automaton. If that has enough memory, it has enough for every text.
	if (state->set.Compile()) {
		state->set.Match("", &state->found, &error);
		if (error.kind != RE2::Set::kOutOfMemory)
			return "";
	}
	return "the patterns are too large together";
}

// Fills the ids of the patterns that match, and returns their number.
napi_value Fill(napi_env env, SetState *state, std::string_view text, napi_value ids)
{
	RE2::Set::ErrorInfo error = {};
	napi_typedarray_type type = napi_int8_array;
	void *data = nullptr;
	size_t length = 0;
	napi_value count = nullptr;

	napi_get_typedarray_info(env, ids, &type, &length, &data, nullptr, nullptr);
	if (type != napi_uint32_array || length < state->size) {
		napi_throw_type_error(env, nullptr, "the ids must be a Uint32Array with room for every pattern");
		return nullptr;
	}
	if (!state->set.Match({text.data(), text.size()}, &state->found, &error)) {
		// No answer would be a wrong verdict.
		if (error.kind != RE2::Set::kNoError)
			return ThrowError(env, "the set of patterns ran out of memory");
		state->found.clear();
	}
	std::sort(state->found.begin(), state->found.end());
	std::copy(state->found.begin(), state->found.end(), static_cast<uint32_t *>(data));
	napi_create_uint32(env, static_cast<uint32_t>(state->found.size()), &count);
	return count;
}

// match(text, ids)
napi_value Match(napi_env env, napi_callback_info info)
{
	TextArgument text;
	napi_value values[2];
	SetState &state = CalledWith<SetState>(env, info, values);

	return text.Read(env, values[0]) ? Fill(env, &state, text.view(), values[1]) : nullptr;
}

// matchBytes(bytes, start, end, ids)
napi_value MatchBytes(napi_env env, napi_callback_info info)
{
	TextArgument text;
	napi_value values[4];
	SetState &state = CalledWith<SetState>(env, info, values);

	return text.Read(env, values[0], values[1], values[2]) ? Fill(env, &state, text.view(), values[3]) : nullptr;
}

} // namespace

napi_value CompileRegexSet(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	CompileOptions options;

	ArgumentsOf(env, info, values);
	if (!ReadOptions(env, values[1], values[2], &options))
		return nullptr;
	auto state = std::make_shared<SetState>(options.re2, options.is_whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED);
	std::string problem = Compile(env, state.get(), values[0]);
	if (!problem.empty())
		return ThrowError(env, problem);
	ObjectBuilder methods(env);
	methods.SetClosure("match", Match, state);
	methods.SetClosure("matchBytes", MatchBytes, state);
	return methods.object();
}

} // namespace eunomia
