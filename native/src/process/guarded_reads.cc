// SPDX-License-Identifier: Apache-2.0
/*
 * See guarded_reads.h. A process and not a thread: a thread that is blocked can't be ended alone, keeps its place until
 * the process ends, and does not answer when all threads drop their capabilities. It shares the memory (CLONE_VM), so
 * making one copies no page tables, and the probes know it by that (bpf/process/process.bpf.c). It has file descriptors
 * of its own, so that what it holds open goes with it. The wait for mmap_lock ends with SIGKILL
 * (mmap_read_lock_killable in __access_remote_vm(), mm/memory.c), and /proc/PID/cmdline reads anonymous memory only
 * (FOLL_ANON, 4.17).
 */
#include "guarded_reads.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

namespace eunomia
{

namespace
{

constexpr size_t kStackBytes = 64 << 10;
// A helper that sleeps for so long without progress is blocked; one that wants to run is not.
constexpr int kStuckMs = 10;
constexpr int kReapMs = 100;

struct Work {
	GuardedRead *const *reads;
	size_t count;
	pid_t maker;
	std::atomic<size_t> done;
	std::atomic<uint32_t> is_over;
};

int64_t NowMs()
{
	timespec now = {};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

// The helper shares errno with the thread that waits for it, so neither looks at it.
int64_t ReadFile(GuardedRead *read_of)
{
	size_t length = 0, capacity = read_of->bytes.size();
	int fd = open(read_of->path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return GuardedRead::kUnread;
	for (ssize_t got = 1; got > 0 && length < capacity; length += got > 0 ? got : 0)
		got = read(fd, read_of->bytes.data() + length, capacity - length);
	close(fd);
	return static_cast<int64_t>(length);
}

int Help(void *argument)
{
	auto *work = static_cast<Work *>(argument);

	// Nothing of it outlives the collector.
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != work->maker)
		return 1;
	for (size_t i = work->done.load(); i < work->count; i++) {
		work->reads[i]->length = ReadFile(work->reads[i]);
		work->done.store(i + 1, std::memory_order_release);
	}
	work->is_over.store(1, std::memory_order_release);
	syscall(SYS_futex, &work->is_over, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
	return 0;
}

// In its own stat, the third field: after the name, which is ours.
bool WantsToRun(pid_t pid)
{
	char text[128] = {};
	int fd = open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	const char *end = length > 0 ? strrchr(text, ')') : nullptr;
	return end && end[1] == ' ' && end[2] == 'R';
}

class Helper
{
public:
	explicit Helper(Work *work) : work_(work)
	{
		sigset_t all, before;

		stack_ = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
		if (stack_ == MAP_FAILED)
			return;
		// Our handlers write to our pipes: a signal to the group of processes would be handled twice.
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		pid_ = clone(Help, static_cast<char *>(stack_) + kStackBytes, CLONE_VM, work);
		pthread_sigmask(SIG_SETMASK, &before, nullptr);
	}
	~Helper()
	{
		End();
	}
	Helper(const Helper &) = delete;
	Helper &operator=(const Helper &) = delete;

	bool has_begun() const
	{
		return pid_ > 0;
	}
	/// False for one that not even SIGKILL ends: it keeps its stack, and all that it may write to.
	bool End()
	{
		if (pid_ > 0) {
			kill(pid_, SIGKILL);
			if (!Reap())
				return false;
		}
		if (stack_ != MAP_FAILED)
			munmap(stack_, kStackBytes);
		pid_ = -1;
		stack_ = MAP_FAILED;
		return true;
	}
	/// Waits until all is done, the helper is stuck, or the deadline is over.
	void Wait(int64_t deadline_ms) const
	{
		const timespec pause = {0, kStuckMs * 1000000};
		size_t before = work_->done.load();

		while (!work_->is_over.load(std::memory_order_acquire)) {
			int64_t since = NowMs();
			syscall(SYS_futex, &work_->is_over, FUTEX_WAIT, 0, &pause, nullptr, 0);
			size_t now = work_->done.load(std::memory_order_acquire);
			if (now == before && NowMs() - since >= kStuckMs && !WantsToRun(pid_))
				return;
			if (NowMs() >= deadline_ms)
				return;
			before = now;
		}
	}

private:
	bool Reap() const
	{
		const timespec pause = {0, 100000};

		for (int waited = 0; waited < kReapMs * 10; waited++) {
			pid_t ended = waitpid(pid_, nullptr, __WALL | WNOHANG);
			if (ended == pid_ || ended < 0)
				return true;
			nanosleep(&pause, nullptr);
		}
		return false;
	}

	Work *work_;
	void *stack_ = MAP_FAILED;
	pid_t pid_ = -1;
};

// All that helpers work on: one that can't be ended keeps it.
struct Batch {
	std::vector<GuardedRead> reads;
	std::vector<GuardedRead *> order;
	std::vector<std::unique_ptr<Work>> of_helpers;
};

// What follows of the group goes to the end, in order.
void PutOff(std::vector<GuardedRead *> *order, size_t from, uint64_t group)
{
	std::vector<GuardedRead *> others, put_off;

	for (size_t i = from; i < order->size(); i++)
		((*order)[i]->group == group ? put_off : others).push_back((*order)[i]);
	order->resize(from);
	order->insert(order->end(), others.begin(), others.end());
	order->insert(order->end(), put_off.begin(), put_off.end());
}

// One helper, from the read `next` on. Sets it to the first one that is not done. False when the helper still is there.
bool RunHelper(Batch *batch, size_t *next, int64_t deadline)
{
	batch->of_helpers.emplace_back(new Work{batch->order.data(), batch->order.size(), getpid(), {*next}, {0}});
	Work *work = batch->of_helpers.back().get();
	Helper helper(work);

	if (helper.has_begun())
		helper.Wait(deadline);
	bool has_ended = helper.End();
	*next = work->done.load(std::memory_order_acquire);
	return has_ended;
}

} // namespace

void ReadGuarded(std::vector<GuardedRead> *reads, int deadline_ms)
{
	auto batch = std::make_unique<Batch>();
	int64_t deadline = NowMs() + deadline_ms;
	size_t next = 0;
	bool is_free = true;

	batch->reads = std::move(*reads);
	for (GuardedRead &read_of : batch->reads)
		batch->order.push_back(&read_of);
	while (next < batch->order.size() && is_free && NowMs() < deadline) {
		is_free = RunHelper(batch.get(), &next, deadline);
		if (next >= batch->order.size())
			break;
		batch->order[next]->length = GuardedRead::kBlocked;
		if (is_free)
			PutOff(&batch->order, next + 1, batch->order[next]->group);
		next++;
	}
	for (; next < batch->order.size(); next++)
		batch->order[next]->length = GuardedRead::kBlocked;
	*reads = is_free ? std::move(batch->reads) : batch->reads;
	if (!is_free)
		(void)batch.release();
}

Napi::Value ReadGuardedFile(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::vector<GuardedRead> reads(1);
	GuardedRead &wanted = reads.front();

	wanted.path = info[0].ToString().Utf8Value();
	wanted.bytes.resize(info[1].ToNumber().Uint32Value());
	ReadGuarded(&reads, info[2].ToNumber().Int32Value());
	if (wanted.length == GuardedRead::kBlocked)
		return env.Undefined();
	if (wanted.length < 0)
		return env.Null();
	return Napi::Buffer<uint8_t>::Copy(env, wanted.bytes.data(), wanted.length);
}

} // namespace eunomia
