// SPDX-License-Identifier: Apache-2.0
// See usage_session.h. A turn waits for the kernel, so it is made on a thread of the pool.
#include "usage_session.h"

#include <cerrno>

#include "js_values.h"
#include "programs/probe_error.h"

namespace eunomia
{

namespace
{

Napi::Error ErrorOf(Napi::Env env, const Failure &failure)
{
	return ErrnoError(env, failure.error, failure.what + ": " + DescribeError(failure.error));
}

class TurnWorker : public Napi::AsyncWorker
{
public:
	TurnWorker(Napi::Object owner, std::shared_ptr<UsageTables> tables, bool *is_turning)
		: Napi::AsyncWorker(owner.Env()), tables_(std::move(tables)), owner_(Napi::Persistent(owner)),
		  is_turning_(is_turning), promise_(Napi::Promise::Deferred::New(owner.Env()))
	{
		*is_turning_ = true;
	}
	Napi::Promise Promise() const
	{
		return promise_.Promise();
	}

protected:
	void Execute() override
	{
		is_done_ = tables_->Turn(&reading_, &failure_);
	}
	void OnOK() override
	{
		*is_turning_ = false;
		tables_.reset();
		if (!is_done_)
			return promise_.Reject(ErrorOf(Env(), failure_).Value());
		Napi::Object result = Napi::Object::New(Env()), tables = Napi::Object::New(Env());
		for (const auto &[name, bytes] : reading_.tables)
			tables.Set(name, Napi::Buffer<uint8_t>::Copy(Env(), bytes.data(), bytes.size()));
		result.Set("tables", tables);
		result.Set("overflow", ArrayOf(Env(), reading_.overflow));
		result.Set("recursionMisses", Napi::Number::New(Env(), static_cast<double>(reading_.recursion_misses)));
		promise_.Resolve(result);
	}

private:
	std::shared_ptr<UsageTables> tables_;
	Napi::ObjectReference owner_; // is_turning_ is in it
	bool *is_turning_;
	Napi::Promise::Deferred promise_;
	UsageReading reading_;
	Failure failure_;
	bool is_done_ = false;
};

} // namespace

Napi::Function UsageSession::Class(Napi::Env env)
{
	return DefineClass(env, "UsageTables",
			   {
				   InstanceMethod("attach", &UsageSession::Attach),
				   InstanceMethod("detach", &UsageSession::Detach),
				   InstanceMethod("turn", &UsageSession::Turn),
				   InstanceMethod("forget", &UsageSession::Forget),
				   InstanceMethod("close", &UsageSession::Close),
			   });
}

UsageSession::UsageSession(const Napi::CallbackInfo &info) : Napi::ObjectWrap<UsageSession>(info)
{
	Napi::Env env = info.Env();
	UsageOptions wanted;
	Failure failure;

	if (!info[0].IsObject()) {
		Napi::TypeError::New(env, "UsageTables needs options").ThrowAsJavaScriptException();
		return;
	}
	Napi::Object options = info[0].As<Napi::Object>();
	wanted.object_path = options.Get("objectPath").ToString().Utf8Value();
	wanted.rodata = NumbersOf(options.Get("rodata"));
	wanted.entries = NumbersOf(options.Get("entries"));
	if (env.IsExceptionPending())
		return;
	tables_ = UsageTables::Open(wanted, &failure);
	if (!tables_)
		ErrorOf(env, failure).ThrowAsJavaScriptException();
}

Napi::Value UsageSession::Attach(const Napi::CallbackInfo &info)
{
	Failure failure;

	if (tables_ && !tables_->Attach(&failure))
		ErrorOf(info.Env(), failure).ThrowAsJavaScriptException();
	return info.Env().Undefined();
}

Napi::Value UsageSession::Detach(const Napi::CallbackInfo &info)
{
	if (tables_)
		tables_->Detach();
	return info.Env().Undefined();
}

Napi::Value UsageSession::Turn(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();

	if (!tables_ || is_turning_) {
		Napi::Error::New(env, tables_ ? "the tables are being turned" : "the tables are closed")
			.ThrowAsJavaScriptException();
		return env.Undefined();
	}
	auto *worker = new TurnWorker(info.This().As<Napi::Object>(), tables_, &is_turning_);
	worker->Queue();
	return worker->Promise();
}

Napi::Value UsageSession::Forget(const Napi::CallbackInfo &info)
{
	if (tables_ && info[0].IsString() && info[1].IsTypedArray()) {
		Napi::Uint8Array key = info[1].As<Napi::Uint8Array>();
		tables_->Forget(info[0].ToString().Utf8Value(), key.Data(), key.ElementLength());
	}
	return info.Env().Undefined();
}

// A turn under way is finished; its programs end after it.
Napi::Value UsageSession::Close(const Napi::CallbackInfo &info)
{
	tables_.reset();
	return info.Env().Undefined();
}

} // namespace eunomia
