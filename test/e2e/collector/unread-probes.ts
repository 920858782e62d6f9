// Probes that nobody reads from while a workload floods them, and what they counted.
import { BUDGET, BUDGET_CALLS, BUDGET_KEY, KIND, KIND_MAX } from '../../../native/generated/layout.js'
import type { KernelKnobs } from '../../../native/kernel-control.js'
import type { KernelSession } from '../../../native/rings.js'
import { type CgroupFolder, makeCgroup } from '../native/cgroup-folder.js'
import { drain, type KernelRecord } from '../native/kernel-records.js'
import { discard, openSession, totalOf } from '../native/watch.js'

/** Runs `work` in a cgroup of its own over probes that nobody reads from until it has ended. */
export type Unread = <T>(
  work: (session: KernelSession, procs: string) => T,
  knobs?: Partial<KernelKnobs>,
  observed?: CgroupFolder,
) => { result: T; records: readonly KernelRecord[]; session: Counts }

/**
 * For the tests of a suite: over the session of the test before if that had the same knobs, because loading the programs takes longer than most floods.
 * What is in the rings is forgotten then, and the counts are those of the test.
 */
export function useUnread(): Unread {
  let shared: { readonly session: KernelSession; readonly knobs: Partial<KernelKnobs> | undefined } | undefined
  after(() => shared?.session.close())
  return (work, knobs, observed) => {
    if (shared?.knobs !== knobs) {
      shared?.session.close()
      shared = undefined
    }
    const { session } = (shared ??= { session: openSession(knobs), knobs })
    discard(session)
    const before = countsOf(session)
    const cgroup = makeCgroup()
    try {
      const result = work(session, cgroup.procs)
      const all = [...drain(session.rings[0]), ...drain(session.rings[1])]
      const records = all.filter(({ cgroupId }) => cgroupId === (observed ?? cgroup).id)
      return { result, records, session: since(before, countsOf(session)) }
    } finally {
      cgroup.remove()
    }
  }
}

/** Counters of a session, all CPUs together. */
export interface Counts {
  emitted(kind: number): number
  dropped(kind: number): number
  /** Cgroups with a budget of calls of which much was refused. */
  readonly cgroupsOverBudget: number
  /** Refused by budgets. */
  budget(kind: number): number
}

/** Counters now. */
export function countsOf(session: KernelSession): Counts {
  const kinds = Object.values(KIND)
  const table = (counter: 'emitted' | 'dropped'): Map<number, number> =>
    new Map(kinds.map((kind) => [kind, totalOf(session, counter, kind)]))
  const [emitted, dropped, { budget }] = [table('emitted'), table('dropped'), session.suppressions()]
  return {
    emitted: (kind) => emitted.get(kind) ?? 0,
    dropped: (kind) => dropped.get(kind) ?? 0,
    budget: (kind) => budget[kind] ?? 0,
    cgroupsOverBudget: cgroupsOverBudget(session.budgets()),
  }
}

function since(before: Counts, after: Counts): Counts {
  return {
    emitted: (kind) => after.emitted(kind) - before.emitted(kind),
    dropped: (kind) => after.dropped(kind) - before.dropped(kind),
    budget: (kind) => after.budget(kind) - before.budget(kind),
    cgroupsOverBudget: after.cgroupsOverBudget - before.cgroupsOverBudget,
  }
}

function cgroupsOverBudget(table: Buffer): number {
  let found = 0
  for (let at = 0; at < table.length; at += BUDGET_KEY.bytes + BUDGET.bytes) {
    const isOfCgroup = table.readUInt32LE(at + BUDGET_KEY.kind) === KIND_MAX + BUDGET_CALLS
    if (isOfCgroup && table.readBigUInt64LE(at + BUDGET_KEY.bytes + BUDGET.refused) > 50n) found++
  }
  return found
}
