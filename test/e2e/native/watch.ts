// What most tests of the probes do: open a session, run a workload in a fresh cgroup, and read the records of that cgroup.
import { DEFAULT_KERNEL_KNOBS, type KernelKnobs } from '../../../native/kernel-control.js'
import { type KernelSession, openKernelSession } from '../../../native/rings.js'
import { makeCgroup, type CgroupFolder } from './cgroup-folder.js'
import { drain, type KernelRecord } from './kernel-records.js'

/** What came while `work` ran: of its cgroup, and in all. */
export interface Watched<T> {
  readonly result: T
  readonly cgroup: CgroupFolder
  /** Records of the cgroup, of both rings, in the order of their time. */
  readonly records: readonly KernelRecord[]
  readonly all: readonly KernelRecord[]
  readonly dropped: number
}

/** Numbers of all CPUs and kinds added up. */
export function totalOf(session: KernelSession, counter: 'emitted' | 'dropped' | 'suppressed', kind?: number): number {
  let total = 0
  for (const cpu of session.counters()) {
    cpu[counter].forEach((count, index) => {
      if (kind === undefined || kind === index) total += count
    })
  }
  return total
}

/** Opens a session with some knobs of its own, the rest by default. */
export function openSession(knobs: Partial<KernelKnobs> = {}, objectPath?: string): KernelSession {
  return openKernelSession({ ...DEFAULT_KERNEL_KNOBS, ...knobs }, objectPath === undefined ? {} : { objectPath })
}

/** Runs `work`, which must have ended when it returns, between opening and closing a session. */
export function watch<T>(work: (cgroup: CgroupFolder) => T, knobs: Partial<KernelKnobs> = {}): Watched<T> {
  const cgroup = makeCgroup()
  const session = openSession(knobs)
  try {
    const result = work(cgroup)
    const all = [...drain(session.rings[0]), ...drain(session.rings[1])].sort((a, b) => Number(a.bootNs - b.bootNs))
    return { result, cgroup, all, records: all.filter((record) => record.cgroupId === cgroup.id), dropped: totalOf(session, 'dropped') }
  } finally {
    session.close()
    cgroup.remove()
  }
}
