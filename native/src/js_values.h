// SPDX-License-Identifier: Apache-2.0
// Values and errors on their way from and to JavaScript, checked.
#pragma once
#include <napi.h>

#include <linux/types.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eunomia
{

constexpr double kMaxSafeInteger = 9007199254740991.0;

// The properties of an object whose values are numbers.
inline std::vector<std::pair<std::string, uint32_t>> NumbersOf(const Napi::Value &value)
{
	std::vector<std::pair<std::string, uint32_t>> numbers;
	Napi::Object object = value.As<Napi::Object>();
	Napi::Array names = object.GetPropertyNames();

	for (uint32_t i = 0; i < names.Length(); i++) {
		std::string name = names.Get(i).ToString().Utf8Value();
		numbers.emplace_back(name, object.Get(name).ToNumber().Uint32Value());
	}
	return numbers;
}

// The texts of an array.
inline std::vector<std::string> TextsOf(const Napi::Value &value)
{
	std::vector<std::string> texts;
	Napi::Array array = value.As<Napi::Array>();

	for (uint32_t i = 0; i < array.Length(); i++)
		texts.push_back(array.Get(i).ToString().Utf8Value());
	return texts;
}

// An array of counters; exact up to 2^53.
template <size_t N> Napi::Array ArrayOf(Napi::Env env, const __u64 (&numbers)[N])
{
	Napi::Array array = Napi::Array::New(env, N);

	for (uint32_t i = 0; i < N; i++)
		array.Set(i, Napi::Number::New(env, static_cast<double>(numbers[i])));
	return array;
}

inline Napi::Array ArrayOf(Napi::Env env, const std::vector<uint64_t> &numbers)
{
	Napi::Array array = Napi::Array::New(env, numbers.size());

	for (uint32_t i = 0; i < numbers.size(); i++)
		array.Set(i, Napi::Number::New(env, static_cast<double>(numbers[i])));
	return array;
}

// An Error with `errno`. @param error positive
inline Napi::Error ErrnoError(Napi::Env env, int error, const std::string &message)
{
	Napi::Error made = Napi::Error::New(env, message);

	made.Set("errno", Napi::Number::New(env, error));
	return made;
}

// A position or a size from JavaScript: a whole number from 0 to 2^53-1.
inline bool ToWhole(const Napi::Value &value, uint64_t *whole)
{
	if (!value.IsNumber())
		return false;
	double number = value.As<Napi::Number>().DoubleValue();
	if (!(number >= 0 && number <= kMaxSafeInteger) || number != std::floor(number))
		return false;
	*whole = static_cast<uint64_t>(number);
	return true;
}

} // namespace eunomia
