// SPDX-License-Identifier: Apache-2.0
/*
 * See task_args.h. /proc/PID/cmdline, and stat after it: when both the start and the address of the arguments are those
 * of the record, it was the same process with the same program all the time.
 */
#include "task_args.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "process/guarded_reads.h"
#include "record/event.h"

namespace eunomia
{

namespace
{

constexpr size_t kRingHeaderBytes = 8;
constexpr size_t kStatBytes = 1024;
// Of all arguments together, before the longest ones are cut: many processes with long ones must not take the memory.
constexpr size_t kAllBytes = 32 << 20;
constexpr size_t kLeastBytes = 256;
// A clock tick of /proc: USER_HZ is 100 on all architectures that we run on.
constexpr uint64_t kTickNs = 10000000;
// Fields of proc_pid_stat(5) after the name, from the state (3) on.
constexpr int kStartField = 22 - 3;
constexpr int kArgStartField = 48 - 3;

// A record of the iterator: where it is, and its fixed part.
struct Task {
	size_t at;
	uint32_t length;
	exec_event event;
};

// Records in the order in which they are.
std::vector<Task> TasksOf(const std::vector<uint8_t> &records)
{
	std::vector<Task> tasks;

	for (size_t at = 0; at + kRingHeaderBytes + sizeof(exec_event) <= records.size();) {
		Task task = {at + kRingHeaderBytes, 0, {}};
		memcpy(&task.length, records.data() + at, sizeof(task.length));
		if (task.length < sizeof(exec_event) || task.length > records.size() - task.at)
			break;
		memcpy(&task.event, records.data() + task.at, sizeof(task.event));
		tasks.push_back(task);
		at = task.at + (task.length + 7) / 8 * 8;
	}
	return tasks;
}

// Users can't give themselves another uid, and only root moves processes between cgroups of others.
uint64_t GroupOf(const event_header &header)
{
	return header.cgroup_id * 31 + header.uid;
}

// The bound with which all fit: it cuts the longest only.
size_t SharedBound(const std::vector<Task> &tasks, size_t bound)
{
	for (; bound > kLeastBytes; bound /= 2) {
		size_t sum = 0;
		for (const Task &task : tasks)
			sum += std::min<size_t>(task.event.args_total, bound);
		if (sum <= kAllBytes)
			break;
	}
	return bound;
}

std::vector<GuardedRead> ReadsOf(const std::vector<Task> &tasks, size_t bound)
{
	std::vector<GuardedRead> reads;

	for (const Task &task : tasks) {
		if (!task.event.args_total)
			continue;
		std::string folder = "/proc/" + std::to_string(task.event.header.pid);
		size_t most = std::min<size_t>(task.event.args_total, bound);
		for (const auto &[name, bytes] :
		     {std::pair<const char *, size_t>{"/cmdline", most}, {"/stat", kStatBytes}}) {
			GuardedRead wanted;
			wanted.path = folder + name;
			wanted.bytes.resize(bytes);
			wanted.group = GroupOf(task.event.header);
			reads.push_back(std::move(wanted));
		}
	}
	return reads;
}

bool IsOf(const exec_event &event, const GuardedRead &stat)
{
	if (stat.length <= 0)
		return false;
	std::string text(reinterpret_cast<const char *>(stat.bytes.data()), stat.length);
	size_t at = text.rfind(')');
	uint64_t start = 0, arg_start = 0;

	for (int field = 0; at != std::string::npos && field <= kArgStartField; field++) {
		at = text.find(' ', at + 1);
		if (at == std::string::npos)
			return false;
		uint64_t number = strtoull(text.c_str() + at, nullptr, 10);
		if (field == kStartField)
			start = number;
		if (field == kArgStartField)
			arg_start = number;
	}
	return start == event.header.start_boot_ns / kTickNs && arg_start == event.header.seq;
}

// Takes what was read. A process that wrote over its arguments may show fewer, or a longer text (get_mm_proctitle(),
// fs/proc/base.c); a page that is not anonymous ends them.
size_t Take(exec_event *event, const GuardedRead &args, const GuardedRead &stat, size_t bound)
{
	bool is_blocked = args.length == GuardedRead::kBlocked || stat.length == GuardedRead::kBlocked;
	size_t length = args.length > 0 && IsOf(*event, stat) ? static_cast<size_t>(args.length) : 0;

	if (is_blocked)
		event->text_flags |= TEXT_ARGS_BLOCKED;
	else if (length < std::min<size_t>(event->args_total, bound))
		event->text_flags |= TEXT_ARGS_FAULT;
	if (length < event->args_total)
		event->text_flags |= TEXT_ARGS_TRUNCATED;
	event->args_length = static_cast<uint32_t>(length);
	return length;
}

void Append(std::vector<uint8_t> *to, const void *bytes, size_t length)
{
	const auto *from = static_cast<const uint8_t *>(bytes);

	to->insert(to->end(), from, from + length);
}

} // namespace

void AddTaskArgs(std::vector<uint8_t> *records, size_t bound, int deadline_ms)
{
	std::vector<Task> tasks = TasksOf(*records);
	bound = SharedBound(tasks, bound);
	std::vector<GuardedRead> reads = ReadsOf(tasks, bound);
	std::vector<uint8_t> whole;
	size_t next = 0;

	ReadGuarded(&reads, deadline_ms);
	for (Task &task : tasks) {
		const uint8_t *args = nullptr;
		size_t length = 0;
		if (task.event.args_total) {
			args = reads[next].bytes.data();
			length = Take(&task.event, reads[next], reads[next + 1], bound);
			next += 2;
		}
		task.event.header.seq = 0;
		uint64_t ring_header = task.length + length;
		Append(&whole, &ring_header, sizeof(ring_header));
		Append(&whole, &task.event, sizeof(task.event));
		Append(&whole, args, length);
		Append(&whole, records->data() + task.at + sizeof(task.event), task.length - sizeof(task.event));
		whole.resize((whole.size() + 7) / 8 * 8);
	}
	*records = std::move(whole);
}

} // namespace eunomia
