// SPDX-License-Identifier: Apache-2.0
// See session.h. An open session holds itself: it ends by close(), or with its environment (exit of the process or of a
// worker), never by garbage collection, since JavaScript may still hold views of the mapping.
#include "session.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "js_values.h"
#include "programs/probe_error.h"

namespace eunomia
{

namespace
{

constexpr const char *kRingMaps[] = {"security_ring", "bulk_ring"};

} // namespace

Napi::Function Session::Class(Napi::Env env)
{
	return DefineClass(env, "Session",
			   {
				   InstanceMethod("probes", &Session::Probes),
				   InstanceMethod("bytes", &Session::Bytes),
				   InstanceMethod("pollState", &Session::PollState),
				   InstanceMethod("poll", &Session::Poll),
				   InstanceMethod("ack", &Session::Ack),
				   InstanceMethod("arm", &Session::Arm),
				   InstanceMethod("onWake", &Session::OnWake),
				   InstanceMethod("counters", &Session::Counters),
				   InstanceMethod("recursionMisses", &Session::RecursionMisses),
				   InstanceMethod("watchKinds", &Session::WatchKinds),
				   InstanceMethod("setFilters", &Session::SetFilters),
				   InstanceMethod("setPathVerdict", &Session::SetPathVerdict),
				   InstanceMethod("suppressions", &Session::Suppressions),
				   InstanceMethod("budgets", &Session::Budgets),
				   InstanceMethod("unknownCalls", &Session::UnknownCalls),
				   InstanceMethod("tasks", &Session::Tasks),
				   InstanceMethod("renew", &Session::Renew),
				   InstanceMethod("readerState", &Session::ReaderState),
				   InstanceMethod("unread", &Session::Unread),
				   InstanceMethod("detach", &Session::Detach),
				   InstanceMethod("close", &Session::Close),
			   });
}

Session::Session(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Session>(info)
{
	Napi::Env env = info.Env();

	if (!info[0].IsObject() || !Open(env, info[0].As<Napi::Object>())) {
		TearDown(nullptr, nullptr);
		if (!env.IsExceptionPending())
			Napi::TypeError::New(env, "Session needs options").ThrowAsJavaScriptException();
		return;
	}
	is_open_ = true;
	Ref();
	napi_add_async_cleanup_hook(
		env,
		[](napi_async_cleanup_hook_handle, void *argument) {
			auto *session = static_cast<Session *>(argument);
			if (session->is_open_) // else a close() is under way, and informs the environment when it is
					       // through
				session->TearDown(Closed, session);
		},
		this, &cleanup_);
}

Session::~Session()
{
	TearDown(nullptr, nullptr);
}

void Session::Throw(Napi::Env env, int error, const std::string &what)
{
	ErrnoError(env, error, what + ": " + DescribeError(error)).ThrowAsJavaScriptException();
}

bool Session::Open(Napi::Env env, const Napi::Object &options)
{
	ProgramOptions wanted;
	Failure failure;

	wanted.object_path = options.Get("objectPath").ToString().Utf8Value();
	wanted.rodata = NumbersOf(options.Get("rodata"));
	wanted.ring_bytes = NumbersOf(options.Get("ringBytes"));
	wanted.environment = TextsOf(options.Get("environment"));
	wanted.pin_folder = options.Get("pinFolder").ToString().Utf8Value();
	wanted.is_adopted = options.Get("isAdopted").ToBoolean();
	wanted.task_args_bytes = options.Get("taskArgsBytes").ToNumber().Uint32Value();
	wanted.ignored_pid = options.Get("ignoredPid").ToNumber().Uint32Value();
	wanted.no_reader_ns = static_cast<uint64_t>(options.Get("noReaderMs").ToNumber().Int64Value()) * 1000000;
	if (env.IsExceptionPending())
		return false;
	programs_ = Programs::Open(wanted, &failure);
	if (!programs_) {
		Throw(env, failure.error, failure.what);
		return false;
	}
	return MapRings(env);
}

bool Session::MapRings(Napi::Env env)
{
	void *controls = mmap(nullptr, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
			      programs_->MapFd("controls"), 0);
	std::vector<int> fds;

	if (controls == MAP_FAILED) {
		Throw(env, errno, "map controls");
		return false;
	}
	controls_ = static_cast<ring_control *>(controls);
	for (size_t i = 0; i < kRings; i++) {
		fds.push_back(programs_->MapFd(kRingMaps[i]));
		rings_[i] = MappedRing::Map(fds[i], controls_ + i);
		if (!rings_[i]) {
			Throw(env, errno, std::string("map ") + kRingMaps[i]);
			return false;
		}
		// No finalizer: TearDown detaches the buffer before it unmaps.
		buffers_[i] = Napi::Persistent(Napi::ArrayBuffer::New(env, rings_[i]->data(), 2 * rings_[i]->size()));
		if (env.IsExceptionPending())
			return false;
	}
	waker_ = Waker::Create(fds);
	if (!waker_) {
		Throw(env, errno, "wait for the rings");
		return false;
	}
	poll_state_ = Napi::Persistent(Napi::ArrayBuffer::New(env, 4 * sizeof(double)));
	poll_numbers_ = static_cast<double *>(poll_state_.Value().Data());
	return true;
}

/// Order matters: no more events, no more wake-ups, no more views, and only then no more memory.
void Session::TearDown(void (*closed)(void *), void *argument)
{
	is_open_ = false;
	programs_.reset();
	for (auto &buffer : buffers_) {
		if (buffer.IsEmpty())
			continue;
		Napi::HandleScope scope(buffer.Env());
		napi_detach_arraybuffer(buffer.Env(), buffer.Value());
		buffer.Reset();
	}
	for (auto &ring : rings_)
		ring.reset();
	if (controls_)
		munmap(controls_, sysconf(_SC_PAGESIZE));
	controls_ = nullptr;
	if (waker_)
		waker_->Stop(closed, argument);
	else if (closed)
		closed(argument);
	waker_.reset();
}

/// The loop has let go of the last handle: the environment need not wait for this session, and the collector may have
/// it.
void Session::Closed(void *argument)
{
	auto *session = static_cast<Session *>(argument);

	napi_remove_async_cleanup_hook(session->cleanup_);
	session->Unref();
}

} // namespace eunomia
