// SPDX-License-Identifier: Apache-2.0
// See session.h: what JavaScript calls to have events left out, and to know what was.
#include "session.h"

#include <cerrno>
#include <cstring>

#include "js_values.h"

namespace eunomia
{

namespace
{

// The bytes of a Uint8Array; false, with an exception, for anything else.
bool BytesOf(const Napi::CallbackInfo &info, size_t index, const char *what, Napi::Uint8Array *bytes)
{
	if (info[index].IsTypedArray() && info[index].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
		*bytes = info[index].As<Napi::Uint8Array>();
		return true;
	}
	Napi::TypeError::New(info.Env(), what).ThrowAsJavaScriptException();
	return false;
}

} // namespace

Napi::Value Session::WatchKinds(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Uint8Array wanted;

	if (!BytesOf(info, 0, "watchKinds needs a byte per kind", &wanted))
		return env.Undefined();
	if (programs_ && !programs_->filters().WatchKinds(wanted.Data(), wanted.ElementLength()))
		Throw(env, errno, "switch kinds of events");
	return env.Undefined();
}

Napi::Value Session::SetFilters(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Uint8Array given, entries;
	filter_settings settings = {};

	if (!BytesOf(info, 0, "setFilters needs settings", &given) ||
	    !BytesOf(info, 1, "setFilters needs numbers", &entries))
		return env.Undefined();
	if (given.ElementLength() != sizeof(settings) || entries.ElementLength() % sizeof(NumberEntry)) {
		Napi::RangeError::New(env, "filters are not of this version").ThrowAsJavaScriptException();
		return env.Undefined();
	}
	std::vector<NumberEntry> numbers(entries.ElementLength() / sizeof(NumberEntry));
	memcpy(&settings, given.Data(), sizeof(settings));
	if (!numbers.empty())
		memcpy(numbers.data(), entries.Data(), entries.ElementLength());
	if (programs_ && !programs_->filters().Set(settings, numbers))
		Throw(env, errno, "set filters");
	return env.Undefined();
}

// (low half, high half, is reported): a ticket has 64 bits.
Napi::Value Session::SetPathVerdict(const Napi::CallbackInfo &info)
{
	if (programs_ && info[0].IsNumber() && info[1].IsNumber())
		programs_->filters().SetVerdict(static_cast<uint64_t>(info[1].As<Napi::Number>().Uint32Value()) << 32 |
							info[0].As<Napi::Number>().Uint32Value(),
						info[2].ToBoolean());
	return info.Env().Undefined();
}

Napi::Value Session::Suppressions(const Napi::CallbackInfo &info)
{
	return ArrayOf(info.Env(), programs_ ? programs_->filters().Suppressions() : std::vector<uint64_t>());
}

} // namespace eunomia
