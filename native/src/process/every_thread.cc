// SPDX-License-Identifier: Apache-2.0
/*
 * See every_thread.h. The signal is the one by which glibc itself changes user ids of all threads (nptl/nptl_setxid.c):
 * no thread can block it (sysdeps/nptl/internal-signals.h), while others are blocked in threads of Node, and libpsx of
 * libcap takes it for the same end. Its handler is put back afterwards.
 */
#include "every_thread.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace eunomia
{

namespace
{

// SIGSETXID of glibc: __SIGRTMIN + 1.
constexpr int kSignal = 33;
constexpr int kDeadlineMs = 2000;
constexpr int kNotYet = -1;

// struct sigaction of the kernel (include/linux/signal_types.h), which is not that of glibc.
struct KernelAction {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)();
	uint64_t mask;
};

struct Slot {
	pid_t tid = 0;
	std::atomic<int> result{kNotYet};
};

// What a handler has to do; null when there is nothing (any more).
struct Job {
	ThreadAct act;
	const void *argument;
	Slot *slots;
	size_t count;
};
std::atomic<const Job *> current_job{nullptr};
std::mutex one_at_a_time;

pid_t OwnTid()
{
	return static_cast<pid_t>(syscall(SYS_gettid));
}

void OnSignal(int, siginfo_t *, void *)
{
	int saved = errno;
	const Job *job = current_job.load(std::memory_order_acquire);
	pid_t self = OwnTid();

	for (size_t i = 0; job && i < job->count; i++) {
		if (job->slots[i].tid != self)
			continue;
		int result = job->act(job->argument);
		errno = saved;
		// Who waits may free the job from here on.
		job->slots[i].result.store(result, std::memory_order_release);
		return;
	}
	errno = saved;
}

int Action(int signal, const KernelAction *wanted, KernelAction *before)
{
	return static_cast<int>(syscall(SYS_rt_sigaction, signal, wanted, before, sizeof(uint64_t)));
}

// Puts OnSignal at kSignal, which sigaction() of glibc refuses. The way back from a handler (the restorer) is taken
// from an action that glibc made, at an unused signal.
bool Install(KernelAction *before)
{
	const int model = SIGRTMAX;
	struct sigaction wanted = {}, model_before = {};
	KernelAction action = {};

	wanted.sa_sigaction = OnSignal;
	wanted.sa_flags = SA_SIGINFO | SA_RESTART;
	if (sigaction(model, &wanted, &model_before))
		return false;
	bool is_read = !Action(model, nullptr, &action);
	sigaction(model, &model_before, nullptr);
	return is_read && !Action(kSignal, &action, before);
}

// Threads of this process but this one.
bool OtherThreads(std::vector<pid_t> *tids)
{
	DIR *folder = opendir("/proc/self/task");

	tids->clear();
	if (!folder)
		return false;
	while (const dirent *entry = readdir(folder)) {
		pid_t tid = atoi(entry->d_name);
		if (tid > 0 && tid != OwnTid())
			tids->push_back(tid);
	}
	closedir(folder);
	return true;
}

bool IsGone(pid_t tid)
{
	return syscall(SYS_tgkill, getpid(), tid, 0) && errno == ESRCH;
}

// Waits until the thread has run the act, or ended.
bool HasAnswered(const Slot &slot)
{
	const timespec pause = {0, 50000};

	for (int waited = 0; waited < kDeadlineMs * 20; waited++) {
		if (slot.result.load(std::memory_order_acquire) != kNotYet || IsGone(slot.tid))
			return true;
		nanosleep(&pause, nullptr);
	}
	return false;
}

bool Failed(ThreadFailure *failure, int error, const std::string &what)
{
	failure->error = error;
	failure->what = what;
	return false;
}

// One pass: the act in each of these threads. Slots and job stay for ever when a thread does not answer, since it may
// do so later.
bool RunIn(const std::vector<pid_t> &tids, ThreadAct act, const void *argument, ThreadFailure *failure)
{
	std::unique_ptr<Slot[]> slots(new Slot[tids.size()]);
	std::unique_ptr<Job> job(new Job{act, argument, slots.get(), tids.size()});

	for (size_t i = 0; i < tids.size(); i++)
		slots[i].tid = tids[i];
	current_job.store(job.get(), std::memory_order_release);
	for (pid_t tid : tids)
		syscall(SYS_tgkill, getpid(), tid, kSignal);
	for (size_t i = 0; i < tids.size(); i++) {
		if (HasAnswered(slots[i]))
			continue;
		(void)job.release();
		(void)slots.release();
		return Failed(failure, ETIMEDOUT, "thread " + std::to_string(tids[i]) + " does not answer");
	}
	current_job.store(nullptr, std::memory_order_release);
	for (size_t i = 0; i < tids.size(); i++) {
		int result = slots[i].result.load();
		if (result > 0)
			return Failed(failure, result, "thread " + std::to_string(tids[i]));
	}
	return true;
}

bool RunInOthers(ThreadAct act, const void *argument, ThreadFailure *failure)
{
	std::set<pid_t> done;
	std::vector<pid_t> tids, fresh;

	for (;;) {
		if (!OtherThreads(&tids))
			return Failed(failure, errno, "/proc/self/task");
		fresh.clear();
		for (pid_t tid : tids) {
			if (done.insert(tid).second)
				fresh.push_back(tid);
		}
		if (fresh.empty())
			return true;
		if (!RunIn(fresh, act, argument, failure))
			return false;
	}
}

} // namespace

bool OnEveryThread(ThreadAct act, const void *argument, ThreadFailure *failure)
{
	std::lock_guard<std::mutex> guard(one_at_a_time);
	KernelAction before = {};

	if (int error = act(argument))
		return Failed(failure, error, "this thread");
	if (!Install(&before))
		return Failed(failure, errno, "signal handler");
	bool has_run = RunInOthers(act, argument, failure);
	if (has_run || failure->error != ETIMEDOUT) // else a late thread would find a handler that is not for it
		Action(kSignal, &before, nullptr);
	return has_run;
}

} // namespace eunomia
