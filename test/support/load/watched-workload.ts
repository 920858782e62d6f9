// A workload under a collector over the kernel: runs it in a cgroup of its own, and has its events by topic. What most tests of the collector's
// events start with.
import type { CollectorDeps } from '../../../collector/collector-options.js'
import type { CpuCounters } from '../../../native/addon.js'
import type { FileEvent, KernelEvent, NetworkEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { makeCgroup } from '../../e2e/native/cgroup-folder.js'
import type { WorkloadEnd, Workloads } from '../../e2e/native/workload.js'
import { eventsOfCgroup, runLiveCollector } from './live-collector.js'

/** How the workload ended, and its events in the order of their time. */
export interface WatchedWorkload extends WorkloadEnd {
  readonly process: readonly ProcessEvent[]
  readonly file: readonly FileEvent[]
  readonly network: readonly NetworkEvent[]
  readonly kernel: readonly KernelEvent[]
  /** What the kernel left out of a kind while the workload ran, also of other processes. */
  readonly suppressed: (kind: number) => number
}

/** Runs test/workloads/NAME.c, whose first argument is the file of its cgroup; `args` follow. */
export async function eventsOfWorkload(
  workloads: Workloads,
  name: string,
  args: readonly string[] = [],
  { prefix = [], deps = {} }: { readonly prefix?: readonly string[]; readonly deps?: Partial<CollectorDeps> } = {},
): Promise<WatchedWorkload> {
  const cgroup = makeCgroup()
  const { session, reader, stop } = await runLiveCollector({}, deps)
  let end: WorkloadEnd
  let counted: readonly (readonly CpuCounters[])[]
  try {
    const before = session.counters()
    end = workloads.run(name, [cgroup.procs, ...args], { prefix })
    counted = [before, session.counters()]
  } finally {
    await stop()
    cgroup.remove()
  }
  const suppressed = (kind: number): number => {
    const [before = 0, after = 0] = counted.map((cpus) => cpus.reduce((sum, cpu) => sum + (cpu.suppressed[kind] ?? 0), 0))
    return after - before
  }
  return {
    ...end,
    process: eventsOfCgroup(reader.process, cgroup.id),
    file: eventsOfCgroup(reader.file, cgroup.id),
    network: eventsOfCgroup(reader.network, cgroup.id),
    kernel: eventsOfCgroup(reader.kernel, cgroup.id),
    suppressed,
  }
}
