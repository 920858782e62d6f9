// SPDX-License-Identifier: Apache-2.0
// See privileges.h. System calls, not libcap: what runs in a signal handler must not take locks or memory.
#include "privileges.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "call_filter.h"
#include "every_thread.h"
#include "js_values.h"

namespace eunomia
{

namespace
{

// More than a kernel has (CAP_LAST_CAP is 40 since 5.9); it refuses the first that it does not know.
constexpr int kMaxCapabilities = 64;
constexpr unsigned long kSecureBits =
	SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED;

int DropBounding()
{
	for (int capability = 0; capability < kMaxCapabilities; capability++) {
		int is_there = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
		if (is_there < 0)
			return 0;
		if (is_there && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
			// Without CAP_SETPCAP: no_new_privs keeps programs from getting what is left in the set.
			return errno == EPERM ? 0 : errno;
	}
	return 0;
}

int KeepOnly(uint64_t keep)
{
	__user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	__user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, sets))
		return errno;
	for (int half = 0; half < _LINUX_CAPABILITY_U32S_3; half++) {
		sets[half].permitted &= static_cast<uint32_t>(keep >> (32 * half));
		sets[half].effective = sets[half].permitted;
		sets[half].inheritable = 0;
	}
	return syscall(SYS_capset, &header, sets) ? errno : 0;
}

// What is left.
struct Rest {
	uint64_t keep;
	bool changes_user;
	uint32_t uid;
	uint32_t gid;
	std::vector<gid_t> groups;
};

// The system calls and not the functions of libc, which change all threads, and wait for them.
int ChangeUser(const Rest &rest)
{
	// What is held no longer depends on the user: capabilities stay until KeepOnly(), and access(2) takes them into
	// account for a user that is not root, too.
	if (prctl(PR_SET_SECUREBITS, kSecureBits, 0, 0, 0))
		return errno;
	if (syscall(SYS_setgroups, rest.groups.size(), rest.groups.data()))
		return errno;
	if (syscall(SYS_setresgid, rest.gid, rest.gid, rest.gid) ||
	    syscall(SYS_setresuid, rest.uid, rest.uid, rest.uid))
		return errno;
	return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) ? errno : 0;
}

// In one thread. The bounding set goes before the capability that it takes, and so does the user; the filter comes
// last.
int DropInThread(const void *argument)
{
	const Rest &rest = *static_cast<const Rest *>(argument);

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return errno;
	if (int error = DropBounding())
		return error;
	if (rest.changes_user) {
		if (int error = ChangeUser(rest))
			return error;
	}
	if (int error = KeepOnly(rest.keep))
		return error;
	return CallFilterInThread();
}

} // namespace

Napi::Value DropPrivileges(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	// Static: a thread that answers late still reads it.
	static Rest rest;
	bool is_lossless = false;
	ThreadFailure failure;

	if (!info[0].IsBigInt()) {
		Napi::TypeError::New(env, "dropPrivileges needs a mask as a bigint").ThrowAsJavaScriptException();
		return env.Undefined();
	}
	rest = {info[0].As<Napi::BigInt>().Uint64Value(&is_lossless), info[1].IsObject(), 0, 0, {}};
	if (rest.changes_user) {
		Napi::Object user = info[1].As<Napi::Object>();
		rest.uid = user.Get("uid").ToNumber().Uint32Value();
		rest.gid = user.Get("gid").ToNumber().Uint32Value();
		Napi::Array groups = user.Get("groups").As<Napi::Array>();
		for (uint32_t i = 0; i < groups.Length(); i++)
			rest.groups.push_back(groups.Get(i).ToNumber().Uint32Value());
	}
	PrepareCallFilter(info[2].ToBoolean());
	if (OnEveryThread(DropInThread, &rest, &failure) && !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return env.Undefined();
	int error = failure.error ? failure.error : errno;
	std::string what = failure.error ? failure.what : "dumpable";
	ErrnoError(env, error, what + ": " + strerror(error)).ThrowAsJavaScriptException();
	return env.Undefined();
}

} // namespace eunomia
