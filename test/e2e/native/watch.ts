// What most tests of the probes do: run a workload in a fresh cgroup over a session, and read the records of that cgroup.
import { isDeepStrictEqual } from 'node:util'
import { DEFAULT_KERNEL_KNOBS, type KernelKnobs } from '../../../native/kernel-control.js'
import { type KernelSession, openKernelSession, type RingSpan } from '../../../native/rings.js'
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

/** Frees everything in both rings unread. */
export function discard({ rings }: KernelSession): void {
  const span: RingSpan = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
  for (const ring of rings) while (ring.poll(span, ring.sizeBytes) > 0) ring.ack(span.endPosition)
}

/** Runs `work`, which must have ended when it returns. @see useWatch */
export type Watch = <T>(work: (cgroup: CgroupFolder) => T, knobs?: Partial<KernelKnobs>) => Watched<T>

/**
 * Watches what the tests of a suite do: over one session for all that change no knob, because loading the programs takes longer than most of what
 * they watch, and over another one for the others, which is opened again when the knobs are not those of before.
 */
export function useWatch(): Watch {
  let shared: KernelSession | undefined
  let other: { readonly session: KernelSession; readonly knobs: Partial<KernelKnobs> } | undefined
  after(() => {
    shared?.close()
    other?.session.close()
  })
  return (work, knobs) => {
    if (knobs === undefined) return watchOver((shared ??= openSession()), work)
    if (!isDeepStrictEqual(other?.knobs, knobs)) {
      other?.session.close()
      other = undefined
    }
    other ??= { session: openSession(knobs), knobs }
    return watchOver(other.session, work)
  }
}

function watchOver<T>(session: KernelSession, work: (cgroup: CgroupFolder) => T): Watched<T> {
  discard(session)
  const before = totalOf(session, 'dropped')
  const cgroup = makeCgroup()
  try {
    const result = work(cgroup)
    const all = [...drain(session.rings[0]), ...drain(session.rings[1])].sort((a, b) => Number(a.bootNs - b.bootNs))
    const records = all.filter((record) => record.cgroupId === cgroup.id)
    return { result, cgroup, all, records, dropped: totalOf(session, 'dropped') - before }
  } finally {
    cgroup.remove()
  }
}
