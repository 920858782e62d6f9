// SPDX-License-Identifier: Apache-2.0
// Does one thing in each thread of this process: what a system call changes of the calling thread only (capabilities,
// no_new_privs) must be changed in those of V8, libuv and libraries too, which were there before us.
#pragma once
#include <string>

namespace eunomia
{

// Runs in a signal handler: system calls only, no memory, no locks. Returns 0 or an errno.
using ThreadAct = int (*)(const void *argument);

struct ThreadFailure {
	int error = 0;
	std::string what;
};

// Runs `act` in this thread, then in each other one, until a pass finds none that has not run it: a thread that is made
// meanwhile has what its maker had. False when one refused, or did not answer in time.
bool OnEveryThread(ThreadAct act, const void *argument, ThreadFailure *failure);

} // namespace eunomia
