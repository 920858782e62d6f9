// A collector over the kernel of this machine and a memory log, with the events of one cgroup in the order of their time.
import type { CollectorDeps } from '../../../collector/collector-options.js'
import { readHostFacts, LiveSource } from '../../../collector/source/live-source.js'
import { DEFAULT_KERNEL_KNOBS, type KernelKnobs } from '../../../native/kernel-control.js'
import { type KernelSession, openKernelSession } from '../../../native/rings.js'
import type { Origin, Process } from '../../../schemas/generated/types.js'
import { runCollector, type RunningCollector } from './running-collector.js'

/** What all events have. */
interface AnyEvent {
  readonly process: Process
  readonly origin: Origin
}

/** A collector with the session that it reads. */
export interface LiveCollector extends RunningCollector {
  readonly session: KernelSession
}

/** Starts one that leaves this process out. */
export async function runLiveCollector(knobs: Partial<KernelKnobs> = {}, deps: Partial<CollectorDeps> = {}): Promise<LiveCollector> {
  const session = openKernelSession({ ...DEFAULT_KERNEL_KNOBS, ignoredPid: process.pid, ...knobs })
  const source = new LiveSource(session, readHostFacts(session.counters().length))
  return { ...(await runCollector(source, {}, { topicBytes: 64 << 20 }, deps)), session }
}

/** Events of processes in a cgroup, by time since boot. */
export function eventsOfCgroup<Event extends AnyEvent>(events: readonly Event[], cgroupId: bigint): Event[] {
  return events.filter((event) => event.process.cgroupId === cgroupId.toString()).sort((a, b) => a.origin.bootTimeUs - b.origin.bootTimeUs)
}
