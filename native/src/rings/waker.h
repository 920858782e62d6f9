// SPDX-License-Identifier: Apache-2.0
// Turns the kernel's wake-ups of the rings into calls on the event loop.
#pragma once
#include <napi.h>
#include <uv.h>

#include <memory>
#include <vector>

namespace eunomia
{

/// A ring's own fd is ready (level) as long as anything is not given back to the kernel, which here is always: events
/// wait for their ack. So the loop polls an epoll fd, in which the rings stand edge-triggered: it is ready when the
/// kernel woke us, and not before.
class Waker
{
public:
	/// Null: errno says why.
	static std::unique_ptr<Waker> Create(const std::vector<int> &ring_fds);
	~Waker();
	Waker(const Waker &) = delete;
	Waker &operator=(const Waker &) = delete;

	/// Calls `listener` on the loop of `env` from now on, which this keeps alive. Replaces an earlier listener.
	/// False when libuv refuses.
	bool Listen(Napi::Env env, Napi::Function listener);
	/// Wakes as the kernel would.
	void Signal();
	/// Stops listening. `closed(argument)` is called when libuv has let go of the handle, which may be at once.
	void Stop(void (*closed)(void *), void *argument);

private:
	struct Poller; // outlives the waker until libuv has closed it

	Waker() = default;
	static void OnReady(uv_poll_t *handle, int status, int events);

	int epoll_fd_ = -1;
	int event_fd_ = -1;
	Poller *poller_ = nullptr;
};

} // namespace eunomia
