// SPDX-License-Identifier: Apache-2.0
// See privileges.h. System calls, not libcap: what runs in a signal handler must not take locks or memory.
#include "privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "every_thread.h"
#include "js_values.h"

namespace eunomia
{

namespace
{

// More than a kernel has (CAP_LAST_CAP is 40 since 5.9); it refuses the first that it does not know.
constexpr int kMaxCapabilities = 64;

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

// In one thread. The bounding set goes first: for that CAP_SETPCAP is needed.
int DropInThread(const void *argument)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return errno;
	if (int error = DropBounding())
		return error;
	return KeepOnly(*static_cast<const uint64_t *>(argument));
}

} // namespace

Napi::Value DropPrivileges(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	// Static: a thread that answers late still reads it.
	static uint64_t keep;
	bool is_lossless = false;
	ThreadFailure failure;

	if (!info[0].IsBigInt()) {
		Napi::TypeError::New(env, "dropPrivileges needs a mask as a bigint").ThrowAsJavaScriptException();
		return env.Undefined();
	}
	keep = info[0].As<Napi::BigInt>().Uint64Value(&is_lossless);
	if (OnEveryThread(DropInThread, &keep, &failure) && !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return env.Undefined();
	int error = failure.error ? failure.error : errno;
	std::string what = failure.error ? failure.what : "dumpable";
	ErrnoError(env, error, what + ": " + strerror(error)).ThrowAsJavaScriptException();
	return env.Undefined();
}

} // namespace eunomia
