// Tracker of system calls: counts by process, and the calls ever seen in a cgroup, reported whenever one is new.
// Reads the tables of bpf/usage/syscalls.bpf.c.
import { CALL_KEY, CALL_USAGE } from '../../../native/generated/layout.js'
import type { SyscallCount } from '../../../schemas/generated/types.js'
import { low52BitsAt } from '../../ring-events/event-header.js'
import { OverflowSteps } from './overflow.js'
import { overflowRecord, processCounts, type CountLayout } from './process-counts.js'
import { SeenCalls, seenEntriesOf } from './seen-calls.js'
import { abiNames, type AbiNames } from '../../../schemas/calls.js'
import type { UsageReader, UsageTracker } from '../usage-reader.js'
import { syscallOf } from './usage-syscall.js'

/** enum call_overflow. */
const OVERFLOW_CALLS = 0
/** Entries of the table of seen calls: one for each cgroup and ABI. */
const SEEN_ENTRIES = 8192

/** A reader of the tables. @param machine as in os.arch(); it selects the names of calls */
export function syscallReader(machine?: string): UsageReader {
  const names = abiNames(machine)
  const layout = layoutOf(names)
  const overflow = new OverflowSteps()
  const seen = new SeenCalls(names)
  return {
    read: (round) => {
      const { tables, overflow: cumulated } = round.reading
      const { records, filtered } = processCounts(tables['calls'] ?? Buffer.alloc(0), layout, round)
      const unplaced = overflow.step(cumulated)[OVERFLOW_CALLS] ?? 0
      const news = seen.news(tables['seen'] ?? Buffer.alloc(0), round)
      const all = [...records, ...overflowRecord('syscalls', unplaced, round), ...news.records]
      return { records: all, filtered: filtered + news.filtered }
    },
    published: (record) => seen.published(record),
    forget: (gone) => seen.forget(gone),
    leftovers: ({ tables }) => seenEntriesOf(tables['seen'] ?? Buffer.alloc(0)),
  }
}

/** Definition of the tracker. */
export const SYSCALL_TRACKER: UsageTracker = {
  name: 'syscall-usage',
  description: 'system calls counted by process, and those ever seen in a container',
  program: 'syscalls',
  entries: (maxEntries) => ({ calls: maxEntries, seen: SEEN_ENTRIES }),
  overflowNames: ['calls', 'seen'],
  reader: () => syscallReader(),
}

function layoutOf(names: AbiNames): CountLayout<SyscallCount & { readonly count: number }> {
  return {
    type: 'syscalls',
    entryBytes: CALL_KEY.bytes + CALL_USAGE.bytes,
    commAt: CALL_KEY.bytes + CALL_USAGE.comm,
    itemAt: (bytes, at) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const call = syscallOf(names, bytes.readUInt32LE(at + CALL_KEY.abi), bytes.readUInt32LE(at + CALL_KEY.number))
      return { ...call, count: low52BitsAt(view, at + CALL_KEY.bytes + CALL_USAGE.count) }
    },
    totalOf: ({ count }) => count,
    merge: (calls) => {
      const byCall = new Map<string, SyscallCount & { count: number }>()
      for (const call of calls) {
        const known = byCall.get(`${call.abi} ${String(call.number)}`)
        if (known === undefined) byCall.set(`${call.abi} ${String(call.number)}`, { ...call })
        else known.count += call.count
      }
      return [...byCall.values()].sort((one, other) => other.count - one.count)
    },
    listOf: (syscalls) => ({ syscalls: [...syscalls] }),
  }
}
