// Tracker of capabilities: how often the kernel checked each one, by process and result. Reads the table of bpf/usage/capabilities.bpf.c.
import { capabilityName } from '../../../infra/process/capability-names.js'
import { CAPABILITY_KEY, CAPABILITY_USAGE } from '../../../native/generated/layout.js'
import type { CapabilityUse } from '../../../schemas/generated/types.js'
import { low52BitsAt } from '../../ring-events/event-header.js'
import { OverflowSteps } from './overflow.js'
import { overflowRecord, processCounts, type CountLayout } from './process-counts.js'
import type { UsageReader, UsageTracker } from '../usage-reader.js'

/** enum capability_overflow. */
const OVERFLOW_CHECKS = 0

const LAYOUT: CountLayout<CapabilityUse> = {
  type: 'capabilities',
  entryBytes: CAPABILITY_KEY.bytes + CAPABILITY_USAGE.bytes,
  commAt: CAPABILITY_KEY.bytes + CAPABILITY_USAGE.comm,
  itemAt: (bytes, at) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const number = bytes.readUInt32LE(at + CAPABILITY_KEY.number)
    return {
      name: capabilityName(number),
      number,
      granted: low52BitsAt(view, at + CAPABILITY_KEY.bytes + CAPABILITY_USAGE.granted),
      denied: low52BitsAt(view, at + CAPABILITY_KEY.bytes + CAPABILITY_USAGE.denied),
    }
  },
  totalOf: ({ granted, denied }) => granted + denied,
  merge: (uses) => {
    const byNumber = new Map<number, { -readonly [Field in keyof CapabilityUse]: CapabilityUse[Field] }>()
    for (const use of uses) {
      const known = byNumber.get(use.number)
      if (known === undefined) byNumber.set(use.number, { ...use })
      else {
        known.granted += use.granted
        known.denied += use.denied
      }
    }
    return [...byNumber.values()].sort((one, other) => one.number - other.number)
  },
  listOf: (capabilities) => ({ capabilities: [...capabilities] }),
}

/** A reader of the table. */
export function capabilityReader(): UsageReader {
  const overflow = new OverflowSteps()
  return {
    read: (round) => {
      const { records, filtered } = processCounts(round.reading.tables['checks'] ?? Buffer.alloc(0), LAYOUT, round)
      const unplaced = overflow.step(round.reading.overflow)[OVERFLOW_CHECKS] ?? 0
      return { records: [...records, ...overflowRecord('capabilities', unplaced, round)], filtered }
    },
  }
}

/** Definition of the tracker. */
export const CAPABILITY_TRACKER: UsageTracker = {
  name: 'capability-usage',
  description: 'capability checks counted by process, granted and denied; needs Linux 6.14',
  program: 'capabilities',
  entries: (maxEntries) => ({ checks: maxEntries }),
  overflowNames: ['checks'],
  reader: capabilityReader,
}
