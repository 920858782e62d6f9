// SPDX-License-Identifier: Apache-2.0
// Functions of JavaScript that own what they work on: without a class, a call need not look up the object that wraps
// it, which is half of the time of a match.
#pragma once
#include <napi.h>

#include <memory>

namespace eunomia
{

// The state lives as long as any function that was made over it.
template <typename State>
void SetClosure(Napi::Object object, const char *name, napi_callback call, const std::shared_ptr<State> &state)
{
	napi_env env = object.Env();
	auto *owned = new std::shared_ptr<State>(state);
	napi_value function;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, call, state.get(), &function);
	napi_add_finalizer(
		env, function, owned,
		[](napi_env, void *data, void *) { delete static_cast<std::shared_ptr<State> *>(data); }, nullptr,
		nullptr);
	object.Set(name, Napi::Value(env, function));
}

// The state of the function that is called, and its first arguments; those that are not there are undefined.
template <typename State, size_t Count>
State &CalledWith(napi_env env, napi_callback_info info, napi_value (&values)[Count])
{
	size_t count = Count;
	void *state;

	napi_get_cb_info(env, info, &count, values, nullptr, &state);
	return *static_cast<State *>(state);
}

} // namespace eunomia
