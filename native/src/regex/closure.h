// SPDX-License-Identifier: Apache-2.0
// Functions of JavaScript that own what they work on: without a class, a call need not look up the object that wraps
// it, which is half of the time of a match.
// Node-API without C++ wrappers: in a worker that is being terminated any call can fail, and the wrappers abort the
// process then.
#pragma once
#include <node_api.h>

#include <memory>
#include <string>

namespace eunomia
{

// Builds an object. After a failed call it does nothing more, and the object is null, as a callback must return it.
class ObjectBuilder
{
public:
	explicit ObjectBuilder(napi_env env) : env_(env)
	{
		Check(napi_create_object(env, &object_));
	}

	void Set(const char *name, napi_value value)
	{
		if (is_ok_)
			Check(napi_set_named_property(env_, object_, name, value));
	}

	void Set(const char *name, int number)
	{
		napi_value value = nullptr;

		if (is_ok_ && Check(napi_create_int32(env_, number, &value)))
			Set(name, value);
	}

	// The state lives as long as any function that was made over it.
	template <typename State>
	void SetClosure(const char *name, napi_callback call, const std::shared_ptr<State> &state)
	{
		napi_value function = nullptr;

		if (!is_ok_ || !Check(napi_create_function(env_, name, NAPI_AUTO_LENGTH, call, state.get(), &function)))
			return;
		auto *owned = new std::shared_ptr<State>(state);
		auto release = [](napi_env, void *data, void *) { delete static_cast<std::shared_ptr<State> *>(data); };
		if (Check(napi_add_finalizer(env_, function, owned, release, nullptr, nullptr)))
			Set(name, function);
		else
			delete owned;
	}

	napi_value object() const
	{
		return is_ok_ ? object_ : nullptr;
	}

private:
	bool Check(napi_status status)
	{
		is_ok_ = is_ok_ && status == napi_ok;
		return is_ok_;
	}

	napi_env env_;
	napi_value object_ = nullptr;
	bool is_ok_ = true;
};

// The first arguments of a call; those that are not there are undefined. Returns the data of the function.
template <size_t Count> void *ArgumentsOf(napi_env env, napi_callback_info info, napi_value (&values)[Count])
{
	size_t count = Count;
	void *data = nullptr;

	napi_get_cb_info(env, info, &count, values, nullptr, &data);
	return data;
}

// As ArgumentsOf, of a function that ObjectBuilder made: returns its state.
template <typename State, size_t Count>
State &CalledWith(napi_env env, napi_callback_info info, napi_value (&values)[Count])
{
	return *static_cast<State *>(ArgumentsOf(env, info, values));
}

// Where nothing can be thrown, the worker is being terminated, and nobody waits for the error.
inline napi_value ThrowError(napi_env env, const std::string &message)
{
	napi_throw_error(env, nullptr, message.c_str());
	return nullptr;
}

// False for what is no string.
inline bool ReadString(napi_env env, napi_value value, std::string *text)
{
	size_t length = 0;

	if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
		return false;
	text->resize(length);
	return napi_get_value_string_utf8(env, value, text->data(), length + 1, &length) == napi_ok;
}

} // namespace eunomia
