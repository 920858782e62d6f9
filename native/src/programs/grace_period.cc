// SPDX-License-Identifier: Apache-2.0
// See grace_period.h.
#include "grace_period.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace eunomia
{

// The barrier is synchronize_rcu(), and programs run under rcu_read_lock(). A kernel with nohz_full CPUs has none
// (EINVAL): there this thread runs on each CPU once. Programs of tracepoints are not preempted, so what ran on a CPU
// has ended when this thread does. A CPU that this process may not use stays out.
void WaitForPrograms()
{
	cpu_set_t before, one;

	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) || sched_getaffinity(0, sizeof(before), &before))
		return;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	for (long cpu = 0; cpu < cpus && cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
	sched_setaffinity(0, sizeof(before), &before);
}

} // namespace eunomia
