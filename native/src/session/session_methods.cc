// SPDX-License-Identifier: Apache-2.0
// See session.h: what JavaScript calls on an open session. After close() rings give nothing and lists are empty. How a
// session begins and ends is session.cc.
#include "session.h"

#include <cerrno>

#include "js_values.h"
#include "rings/pins.h"

namespace eunomia
{

MappedRing *Session::RingOf(const Napi::CallbackInfo &info)
{
	uint64_t index = 0;

	if (!ToWhole(info[0], &index) || index >= kRings) {
		Napi::RangeError::New(info.Env(), "no such ring").ThrowAsJavaScriptException();
		return nullptr;
	}
	return rings_[index].get();
}

Napi::Value Session::Probes(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Array list = Napi::Array::New(env);

	if (!programs_)
		return list;
	for (const Probe &probe : programs_->probes()) {
		Napi::Object entry = Napi::Object::New(env);
		entry.Set("name", probe.name);
		entry.Set("isAttached", probe.is_attached);
		entry.Set("error", probe.is_attached ? env.Null() : Napi::String::New(env, probe.error));
		list.Set(list.Length(), entry);
	}
	return list;
}

Napi::Value Session::Bytes(const Napi::CallbackInfo &info)
{
	if (!RingOf(info))
		return info.Env().Undefined();
	return buffers_[info[0].As<Napi::Number>().Uint32Value()].Value();
}

Napi::Value Session::PollState(const Napi::CallbackInfo &info)
{
	return poll_state_.Value();
}

Napi::Value Session::Poll(const Napi::CallbackInfo &info)
{
	MappedRing *ring = RingOf(info);
	uint64_t max_bytes = 0;
	Span span = {};
	uint32_t records = 0;

	ToWhole(info[1], &max_bytes);
	if (ring)
		records = ring->Poll(max_bytes, &span);
	poll_numbers_[0] = static_cast<double>(span.start_offset);
	poll_numbers_[1] = static_cast<double>(span.end_offset);
	poll_numbers_[2] = static_cast<double>(span.end_position);
	poll_numbers_[3] = static_cast<double>(span.bytes_behind);
	return Napi::Number::New(info.Env(), records);
}

Napi::Value Session::Ack(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	MappedRing *ring = RingOf(info);
	uint64_t position = 0;

	if (!ring)
		return env.Undefined();
	if (!ToWhole(info[1], &position) || !ring->Ack(position)) {
		Napi::RangeError::New(env, "ack of a position that was not read").ThrowAsJavaScriptException();
		return env.Undefined();
	}
	if (ring->HasMissedWake())
		waker_->Signal();
	return env.Undefined();
}

Napi::Value Session::Arm(const Napi::CallbackInfo &info)
{
	MappedRing *ring = RingOf(info);

	// Closed: nothing will come, so a caller that loops until it may sleep ends.
	return Napi::Boolean::New(info.Env(), !ring || ring->Arm());
}

Napi::Value Session::OnWake(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();

	if (!info[0].IsFunction())
		Napi::TypeError::New(env, "onWake needs a function").ThrowAsJavaScriptException();
	else if (waker_ && !waker_->Listen(env, info[0].As<Napi::Function>()))
		Napi::Error::New(env, "the event loop can't watch the rings").ThrowAsJavaScriptException();
	return env.Undefined();
}

Napi::Value Session::Counters(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Array list = Napi::Array::New(env);

	if (!programs_)
		return list;
	for (const event_counters &counters : programs_->Counters()) {
		Napi::Object entry = Napi::Object::New(env);
		entry.Set("seq", ArrayOf(env, counters.seq));
		entry.Set("emitted", ArrayOf(env, counters.emitted));
		entry.Set("dropped", ArrayOf(env, counters.dropped));
		entry.Set("suppressed", ArrayOf(env, counters.suppressed));
		list.Set(list.Length(), entry);
	}
	return list;
}

Napi::Value Session::RecursionMisses(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object misses = Napi::Object::New(env);

	if (!programs_)
		return misses;
	for (const auto &[name, count] : programs_->RecursionMisses())
		misses.Set(name, Napi::Number::New(env, static_cast<double>(count)));
	return misses;
}

Napi::Value Session::Table(const Napi::CallbackInfo &info, const char *name)
{
	Napi::Env env = info.Env();
	std::vector<uint8_t> bytes;

	if (programs_ && !programs_->ReadTable(name, &bytes)) {
		Throw(env, errno, std::string("read ") + name);
		return env.Undefined();
	}
	return Napi::Buffer<uint8_t>::Copy(env, bytes.data(), bytes.size());
}

Napi::Value Session::Budgets(const Napi::CallbackInfo &info)
{
	return Table(info, kBudgetsMap);
}

Napi::Value Session::UnknownCalls(const Napi::CallbackInfo &info)
{
	return Table(info, kUnknownCallsMap);
}

Napi::Value Session::Tasks(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::vector<uint8_t> bytes;

	if (programs_ && !programs_->ReadTasks(&bytes)) {
		Throw(env, errno, "read the task iterator");
		return env.Undefined();
	}
	return Napi::Buffer<uint8_t>::Copy(env, bytes.data(), bytes.size());
}

Napi::Value Session::Renew(const Napi::CallbackInfo &info)
{
	if (programs_)
		programs_->Renew();
	return info.Env().Undefined();
}

Napi::Value Session::ReaderState(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object state = Napi::Object::New(env);

	state.Set("epochUs", programs_ ? static_cast<double>(programs_->reader().epoch_us) : 0.0);
	state.Set("recordVersion", programs_ ? programs_->reader().record_version : 0);
	return state;
}

Napi::Value Session::Unread(const Napi::CallbackInfo &info)
{
	return ArrayOf(info.Env(), programs_ ? programs_->Unread() : std::vector<uint64_t>());
}

Napi::Value Session::Detach(const Napi::CallbackInfo &info)
{
	if (programs_)
		programs_->Detach();
	return info.Env().Undefined();
}

Napi::Value Session::Close(const Napi::CallbackInfo &info)
{
	if (is_open_)
		TearDown(Closed, this);
	return info.Env().Undefined();
}

} // namespace eunomia
