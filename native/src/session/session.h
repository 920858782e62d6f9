// SPDX-License-Identifier: Apache-2.0
// What JavaScript sees: one object per open session. native/index.ts wraps it; its methods check what comes from there
// once more.
#pragma once
#include <napi.h>

#include <array>
#include <memory>

#include "rings/mapped_ring.h"
#include "programs/programs.h"
#include "rings/waker.h"

namespace eunomia
{

class Session : public Napi::ObjectWrap<Session>
{
public:
	static Napi::Function Class(Napi::Env env);
	/// (AddonOptions of native/addon.ts). Throws an Error with `errno` when nothing
	/// could be loaded.
	explicit Session(const Napi::CallbackInfo &info);
	~Session() override;

private:
	static constexpr size_t kRings = 2;

	bool Open(Napi::Env env, const Napi::Object &options);
	bool MapRings(Napi::Env env);
	void Throw(Napi::Env env, int error, const std::string &what);
	/// The ring whose index is the first argument; null, with an exception, for another one, and null without one
	/// after close.
	MappedRing *RingOf(const Napi::CallbackInfo &info);
	void TearDown(void (*closed)(void *), void *argument);
	static void Closed(void *session);

	Napi::Value Probes(const Napi::CallbackInfo &info);
	Napi::Value Bytes(const Napi::CallbackInfo &info);
	Napi::Value PollState(const Napi::CallbackInfo &info);
	Napi::Value Poll(const Napi::CallbackInfo &info);
	Napi::Value Ack(const Napi::CallbackInfo &info);
	Napi::Value Arm(const Napi::CallbackInfo &info);
	Napi::Value OnWake(const Napi::CallbackInfo &info);
	Napi::Value Counters(const Napi::CallbackInfo &info);
	Napi::Value RecursionMisses(const Napi::CallbackInfo &info);
	Napi::Value WatchKinds(const Napi::CallbackInfo &info);
	Napi::Value SetFilters(const Napi::CallbackInfo &info);
	Napi::Value SetPathVerdict(const Napi::CallbackInfo &info);
	Napi::Value Suppressions(const Napi::CallbackInfo &info);
	Napi::Value Budgets(const Napi::CallbackInfo &info);
	Napi::Value UnknownCalls(const Napi::CallbackInfo &info);
	Napi::Value Table(const Napi::CallbackInfo &info, const char *name);
	Napi::Value Tasks(const Napi::CallbackInfo &info);
	Napi::Value Renew(const Napi::CallbackInfo &info);
	Napi::Value ReaderState(const Napi::CallbackInfo &info);
	Napi::Value Unread(const Napi::CallbackInfo &info);
	Napi::Value Detach(const Napi::CallbackInfo &info);
	Napi::Value Close(const Napi::CallbackInfo &info);

	std::unique_ptr<Programs> programs_;
	ring_control *controls_ = nullptr;
	std::array<std::unique_ptr<MappedRing>, kRings> rings_;
	std::unique_ptr<Waker> waker_;
	std::array<Napi::Reference<Napi::ArrayBuffer>, kRings> buffers_;
	Napi::Reference<Napi::ArrayBuffer> poll_state_;
	double *poll_numbers_ = nullptr;
	napi_async_cleanup_hook_handle cleanup_ = nullptr;
	bool is_open_ = false;
};

} // namespace eunomia
