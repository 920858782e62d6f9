// SPDX-License-Identifier: Apache-2.0
// The addon's entry: context-aware, no static state. native/index.ts does not load it in worker threads.
#include <napi.h>

#include "process/cgroup_handle.h"
#include "process/path_handle.h"
#include "process/folder_lock.h"
#include "process/guarded_reads.h"
#include "process/privileges.h"
#include "process/service_notify.h"
#include "process/socket_peer.h"
#include "record/layout_hash.h"
#include "session/session.h"
#include "usage/usage_session.h"

namespace
{

Napi::Object Init(Napi::Env env, Napi::Object exports)
{
	exports.Set("layoutHash", Napi::Number::New(env, LAYOUT_HASH));
	exports.Set("Session", eunomia::Session::Class(env));
	exports.Set("UsageTables", eunomia::UsageSession::Class(env));
	exports.Set("resolvePath", Napi::Function::New(env, eunomia::ResolvePath));
	exports.Set("readGuarded", Napi::Function::New(env, eunomia::ReadGuardedFile));
	exports.Set("notifyService", Napi::Function::New(env, eunomia::NotifyService));
	exports.Set("socketPeer", Napi::Function::New(env, eunomia::SocketPeer));
	exports.Set("cgroupPath", Napi::Function::New(env, eunomia::CgroupPath));
	exports.Set("lockFolder", Napi::Function::New(env, eunomia::LockFolder));
	exports.Set("dropPrivileges", Napi::Function::New(env, eunomia::DropPrivileges));
	return exports;
}

} // namespace

NODE_API_MODULE(eunomia, Init)
