// System calls ever seen in each cgroup, as bits from the kernel: a record is emitted when one is new. A seccomp allow-list is built from them.
// Removed cgroups leave the table after the reading that reports their last calls. The table starts empty with the tracker; each record has the
// start of its counts.
import { CALLS_SEEN, HEADER_CGROUP_V1, USAGE_CALLS, USAGE_CGROUP } from '../../../native/generated/layout.js'
import type { SyscallCount } from '../../../schemas/generated/types.js'
import type { AbiNames } from '../../../schemas/calls.js'
import { emptyUsage, type UsageBody } from '../usage-aggregate.js'
import type { ForgottenCgroups, ForgottenEntry, UsageResult, UsageRound } from '../usage-reader.js'
import { cgroupKey } from './gone-cgroups.js'
import { isPlaceWanted } from '../usage-settings.js'
import { syscallOf } from './usage-syscall.js'

/** Key and value of the table. */
const SEEN_BYTES = USAGE_CGROUP.bytes + CALLS_SEEN.bytes

/** Bits by key, of each ABI. */
type Bits = ReadonlyMap<string, string>

interface SeenCgroup {
  readonly sinceBootUs: number
  readonly abis: Bits
  /** Calls in published records: a filter or a slow log may hold others back. */
  published: Bits
  /** Calls that the filter left out last time: counted once, not with each reading. */
  leftOut: Bits
}

const NOTHING: Bits = new Map()

/** State of the cgroups in the table, and bounded by it: a cgroup that left the table is forgotten. */
export class SeenCalls {
  readonly #names: AbiNames
  #cgroups = new Map<string, SeenCgroup>()
  /** Records of the last reading that are not published yet. */
  readonly #waiting = new Map<UsageBody, SeenCgroup>()

  constructor(names: AbiNames) {
    this.#names = names
  }

  /** Returns records of the cgroups with a new call. */
  news(bytes: Buffer, round: UsageRound): UsageResult {
    this.#waiting.clear()
    const before = this.#cgroups
    this.#cgroups = new Map(
      [...entriesByCgroup(bytes)].map(([cgroup, abis]) => {
        const fresh = { sinceBootUs: round.interval.startBootUs, published: NOTHING, leftOut: NOTHING }
        return [cgroup, { ...(before.get(cgroup) ?? fresh), abis }]
      }),
    )
    const records: UsageBody[] = []
    let filtered = 0
    for (const [cgroup, seen] of this.#cgroups) {
      if (!hasMore(seen.abis, seen.published)) continue
      const record = this.#recordOf(cgroup, seen, round)
      if (record !== null) records.push(record)
      else if (hasMore(seen.abis, seen.leftOut)) {
        seen.leftOut = seen.abis
        filtered++
      }
    }
    return { records, filtered }
  }

  /** Call it when a record is handed to the topic log. */
  published(record: UsageBody): void {
    const seen = this.#waiting.get(record)
    if (seen !== undefined) seen.published = seen.abis
    this.#waiting.delete(record)
  }

  /** Forgets cgroups that were removed before the last reading, except those whose record was dropped. */
  forget(gone: ReadonlySet<string>): ForgottenCgroups {
    const waiting = new Set(this.#waiting.values())
    const entries: ForgottenEntry[] = []
    const retained: string[] = []
    for (const cgroup of gone) {
      const seen = this.#cgroups.get(cgroup)
      if (seen === undefined) continue
      if (waiting.has(seen)) retained.push(cgroup)
      else {
        entries.push(...entriesOf(seen.abis))
        this.#cgroups.delete(cgroup)
      }
    }
    return { entries, retained }
  }

  #recordOf(cgroup: string, seen: SeenCgroup, { interval, facts, filter }: UsageRound): UsageBody | null {
    const [id = '0', flags] = cgroup.split(' ')
    const place = facts.placeOf({ cgroupId: BigInt(id), isV1: flags === 'v1' })
    if (!isPlaceWanted(filter, place)) return null
    const syscalls = [...seen.abis].flatMap(([key, bits]) => this.#callsOf(Buffer.from(key, 'latin1'), Buffer.from(bits, 'latin1')))
    const record = { ...emptyUsage('syscallsSeen', 'cgroup', { ...interval, startBootUs: seen.sinceBootUs }), ...place, syscalls }
    this.#waiting.set(record, seen)
    return record
  }

  #callsOf(key: Buffer, bits: Buffer): readonly SyscallCount[] {
    const calls: SyscallCount[] = []
    for (let number = 0; number < USAGE_CALLS; number++) {
      const isSeen = ((bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0
      if (isSeen) calls.push({ ...syscallOf(this.#names, key.readUInt32LE(USAGE_CGROUP.abi), number), count: null })
    }
    return calls
  }
}

function entriesByCgroup(bytes: Buffer): ReadonlyMap<string, Bits> {
  const cgroups = new Map<string, Map<string, string>>()
  for (let at = 0; at + SEEN_BYTES <= bytes.length; at += SEEN_BYTES) {
    const isV1 = (bytes.readUInt32LE(at + USAGE_CGROUP.flags) & HEADER_CGROUP_V1) !== 0
    const cgroup = cgroupKey(bytes.readBigUInt64LE(at + USAGE_CGROUP.cgroupId), isV1)
    const abis = cgroups.get(cgroup) ?? new Map<string, string>()
    abis.set(
      bytes.toString('latin1', at, at + USAGE_CGROUP.bytes),
      bytes.toString('latin1', at + USAGE_CGROUP.bytes + CALLS_SEEN.bits, at + SEEN_BYTES),
    )
    cgroups.set(cgroup, abis)
  }
  return cgroups
}

/** All entries of a reading. */
export function seenEntriesOf(bytes: Buffer): readonly ForgottenEntry[] {
  return [...entriesByCgroup(bytes).values()].flatMap(entriesOf)
}

function entriesOf(abis: Bits): readonly ForgottenEntry[] {
  return [...abis.keys()].map((key) => ({ table: 'seen', key: Buffer.from(key, 'latin1') }))
}

function hasMore(abis: Bits, known: Bits): boolean {
  return [...abis].some(([key, bits]) => known.get(key) !== bits)
}
