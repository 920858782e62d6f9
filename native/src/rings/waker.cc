// SPDX-License-Identifier: Apache-2.0
// See waker.h.
#include "waker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace eunomia
{

struct Waker::Poller {
	uv_poll_t handle;
	int epoll_fd;
	Napi::FunctionReference listener;
	Napi::AsyncContext context;
	void (*closed)(void *) = nullptr;
	void *argument = nullptr;

	Poller(Napi::Env env, Napi::Function function, int fd)
		: epoll_fd(fd), listener(Napi::Persistent(function)), context(env, "eunomia.ring")
	{
	}
};

std::unique_ptr<Waker> Waker::Create(const std::vector<int> &ring_fds)
{
	std::unique_ptr<Waker> waker(new Waker);
	std::vector<int> fds = ring_fds;

	waker->epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
	waker->event_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (waker->epoll_fd_ < 0 || waker->event_fd_ < 0)
		return nullptr;
	fds.push_back(waker->event_fd_);
	for (int fd : fds) {
		epoll_event event = {};
		event.events = EPOLLIN | EPOLLET;
		event.data.fd = fd;
		if (epoll_ctl(waker->epoll_fd_, EPOLL_CTL_ADD, fd, &event))
			return nullptr;
	}
	return waker;
}

Waker::~Waker()
{
	if (poller_)
		Stop(nullptr, nullptr);
	if (epoll_fd_ >= 0)
		close(epoll_fd_);
	if (event_fd_ >= 0)
		close(event_fd_);
}

void Waker::OnReady(uv_poll_t *handle, int, int)
{
	auto *poller = static_cast<Poller *>(handle->data);
	epoll_event events[8];

	epoll_wait(poller->epoll_fd, events, 8, 0); // takes the edges, so that the epoll fd is not ready any more
	Napi::Env env = poller->listener.Env();
	Napi::HandleScope scope(env);
	// Not FunctionReference::MakeCallback: it throws where JavaScript can't run any more (a worker that is ended),
	// which ends the process.
	napi_value returned = nullptr;
	napi_status status =
		napi_make_callback(env, poller->context, env.Global(), poller->listener.Value(), 0, nullptr, &returned);
	// From here on the poller may be gone: the listener may have closed the session.
	if (status == napi_pending_exception) {
		napi_value exception = nullptr;
		if (napi_get_and_clear_last_exception(env, &exception) == napi_ok)
			napi_fatal_exception(env, exception);
	}
}

bool Waker::Listen(Napi::Env env, Napi::Function listener)
{
	uv_loop_t *loop = nullptr;

	if (poller_) {
		poller_->listener = Napi::Persistent(listener);
		return true;
	}
	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return false;
	auto *poller = new Poller(env, listener, epoll_fd_);
	if (uv_poll_init(loop, &poller->handle, epoll_fd_)) {
		delete poller;
		return false;
	}
	poller->handle.data = poller;
	poller_ = poller;
	return uv_poll_start(&poller->handle, UV_READABLE, OnReady) == 0;
}

void Waker::Signal()
{
	const uint64_t one = 1;

	// EAGAIN would mean 2^64 signals; the edge is raised by the write, not by the value.
	(void)!write(event_fd_, &one, sizeof(one));
}

void Waker::Stop(void (*closed)(void *), void *argument)
{
	Poller *poller = poller_;

	poller_ = nullptr;
	if (!poller) {
		if (closed)
			closed(argument);
		return;
	}
	poller->closed = closed;
	poller->argument = argument;
	uv_poll_stop(&poller->handle);
	uv_close(reinterpret_cast<uv_handle_t *>(&poller->handle), [](uv_handle_t *handle) {
		std::unique_ptr<Poller> owned(static_cast<Poller *>(handle->data));
		Napi::HandleScope scope(owned->listener.Env());
		auto closed = owned->closed;
		void *argument = owned->argument;
		owned.reset();
		if (closed)
			closed(argument);
	});
}

} // namespace eunomia
