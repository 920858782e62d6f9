// SPDX-License-Identifier: Apache-2.0
// What JavaScript sees of the tables of one usage program. native/usage-tables.ts wraps it.
#pragma once
#include <napi.h>

#include <memory>

#include "usage_tables.h"

namespace eunomia
{

class UsageSession : public Napi::ObjectWrap<UsageSession>
{
public:
	static Napi::Function Class(Napi::Env env);
	/// (UsageTablesOptions of native/addon.ts). Throws an Error with `errno` when it can't be loaded.
	explicit UsageSession(const Napi::CallbackInfo &info);

private:
	Napi::Value Attach(const Napi::CallbackInfo &info);
	Napi::Value Detach(const Napi::CallbackInfo &info);
	Napi::Value Turn(const Napi::CallbackInfo &info);
	Napi::Value Forget(const Napi::CallbackInfo &info);
	Napi::Value Close(const Napi::CallbackInfo &info);

	/// Shared with a turn under way; null after close.
	std::shared_ptr<UsageTables> tables_;
	bool is_turning_ = false;
};

} // namespace eunomia
