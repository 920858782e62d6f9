// SPDX-License-Identifier: Apache-2.0
// See regex.h.
#include "regex.h"

#include <re2/re2.h>
#include <re2/set.h>

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
	napi_value matches;
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
	Napi::Uint8Array bytes(env, values[0]);
	Napi::Int32Array offsets(env, values[2]);
	const char *data = reinterpret_cast<const char *>(bytes.Data());
	// Not null, also of an empty array: a group whose text is null took no part.
	absl::string_view text(data == nullptr ? "" : data, bytes.ByteLength());
	size_t from = Napi::Number(env, values[1]).Uint32Value();
	std::vector<absl::string_view> groups(offsets.ElementLength() / 2);

	bool is_match = from <= text.size() && expression.Match(text, from, text.size(), RE2::UNANCHORED, groups.data(),
								static_cast<int>(groups.size()));
	for (size_t group = 0; is_match && group < groups.size(); group++) {
		bool took_part = groups[group].data() != nullptr;
		int32_t start = took_part ? static_cast<int32_t>(groups[group].data() - text.data()) : -1;
		offsets[2 * group] = start;
		offsets[2 * group + 1] = took_part ? start + static_cast<int32_t>(groups[group].size()) : -1;
	}
	return Napi::Boolean::New(env, is_match);
}

Napi::Object Methods(Napi::Env env, const std::shared_ptr<RE2> &expression)
{
	Napi::Object object = Napi::Object::New(env);
	Napi::Object names = Napi::Object::New(env);

	for (const auto &[name, number] : expression->NamedCapturingGroups())
		names.Set(name, number);
	object.Set("programSize", expression->ProgramSize());
	object.Set("groupCount", expression->NumberOfCapturingGroups());
	object.Set("groupNames", names);
	SetClosure(object, "test", Test, expression);
	SetClosure(object, "testBytes", TestBytes, expression);
	SetClosure(object, "find", Find, expression);
	return object;
}

} // namespace

Napi::Value CompileRegex(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string pattern = info[0].ToString().Utf8Value();
	RE2::Options options = OptionsOf(info[2]);

	if (info[1].ToBoolean()) {
		// Parsed alone first: a parenthesis too many must not close the group that the pattern is put into.
		std::string mistake;
		if (RE2::Set(options, RE2::UNANCHORED).Add(pattern, &mistake) < 0) {
			Napi::Error::New(env, mistake).ThrowAsJavaScriptException();
			return env.Undefined();
		}
		// Not ANCHOR_BOTH: with a ^ in the pattern, RE2 compares a literal beginning before it runs the
		// program.
		pattern = "^(?:" + pattern + ")$";
	}
	auto expression = std::make_shared<RE2>(pattern, options);
	std::string problem = expression->error();
	if (expression->ok() && expression->CapturingGroupNames().size() != expression->NamedCapturingGroups().size())
		problem = "duplicate capture group name";
	if (problem.empty())
		return Methods(env, expression);
	Napi::Error::New(env, problem).ThrowAsJavaScriptException();
	return env.Undefined();
}

} // namespace eunomia
