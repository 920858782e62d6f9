// Kinds of system calls ever seen in each cgroup: bits of the kernel, told as a record when one is new. What an allow-list for seccomp is made of.
// The table is emptied by cgroups that go; it begins anew with the tracker, and each record says since when it counts.
import type { SyscallCount } from '../../schemas/generated/types.js'
import type { AbiNames } from './syscall-names/syscall-name.js'
import { emptyUsage, type UsageBody } from './usage-aggregate.js'
import { isPlaceWanted } from './usage-filter.js'
import type { ForgottenEntry, UsageRound } from './usage-reader.js'
import { HEADER_CGROUP_V1 } from '../ring-events/event-header.js'
import { syscallOf, USAGE_CALLS } from './usage-syscall.js'

/** struct usage_cgroup, struct calls_seen. */
const SEEN = { cgroupId: 0, flags: 8, abi: 12, bits: 16 } as const
const KEY_BYTES = 16
const SEEN_BYTES = 144

/** Bits by key, of each ABI. */
type Bits = ReadonlyMap<string, string>

interface SeenCgroup {
  readonly sinceBootUs: number
  readonly abis: Bits
  /** Those that were told; a filter may keep some back. */
  told: Bits
}

const NOTHING: Bits = new Map()

/** Follows the table. Bounded by it: what is not there any more is forgotten. */
export class SeenCalls {
  readonly #names: AbiNames
  #cgroups = new Map<string, SeenCgroup>()

  constructor(names: AbiNames) {
    this.#names = names
  }

  /** Records of the cgroups in which a call is new. */
  news(bytes: Buffer, round: UsageRound): readonly UsageBody[] {
    const before = this.#cgroups
    this.#cgroups = new Map(
      [...entriesByCgroup(bytes)].map(([cgroup, abis]) => {
        const { sinceBootUs, told } = before.get(cgroup) ?? { sinceBootUs: round.interval.startBootUs, told: NOTHING }
        return [cgroup, { sinceBootUs, abis, told }]
      }),
    )
    return [...this.#cgroups].flatMap(([cgroup, seen]) => {
      const hasNews = [...seen.abis].some(([key, bits]) => seen.told.get(key) !== bits)
      return hasNews ? this.#recordOf(cgroup, seen, round) : []
    })
  }

  /** Keys of a cgroup that is gone. */
  cgroupRemoved(cgroupId: bigint, isV1: boolean): readonly ForgottenEntry[] {
    const keys = this.#cgroups.get(cgroupKey(cgroupId, isV1))?.abis.keys() ?? []
    return [...keys].map((key) => ({ table: 'seen', key: Buffer.from(key, 'latin1') }))
  }

  #recordOf(cgroup: string, seen: SeenCgroup, { interval, facts, filter }: UsageRound): readonly UsageBody[] {
    const [id = '0', flags] = cgroup.split(' ')
    const place = facts.placeOf({ cgroupId: BigInt(id), isV1: flags === 'v1' })
    if (!isPlaceWanted(filter, place)) return []
    seen.told = seen.abis
    const syscalls = [...seen.abis].flatMap(([key, bits]) => this.#callsOf(Buffer.from(key, 'latin1'), Buffer.from(bits, 'latin1')))
    return [{ ...emptyUsage('syscallsSeen', 'cgroup', { ...interval, startBootUs: seen.sinceBootUs }), ...place, syscalls }]
  }

  #callsOf(key: Buffer, bits: Buffer): readonly SyscallCount[] {
    const calls: SyscallCount[] = []
    for (let number = 0; number < USAGE_CALLS; number++) {
      const isSeen = ((bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0
      if (isSeen) calls.push({ ...syscallOf(this.#names, key.readUInt32LE(SEEN.abi), number), count: null })
    }
    return calls
  }
}

function entriesByCgroup(bytes: Buffer): ReadonlyMap<string, Bits> {
  const cgroups = new Map<string, Map<string, string>>()
  for (let at = 0; at + SEEN_BYTES <= bytes.length; at += SEEN_BYTES) {
    const isV1 = (bytes.readUInt32LE(at + SEEN.flags) & HEADER_CGROUP_V1) !== 0
    const cgroup = cgroupKey(bytes.readBigUInt64LE(at + SEEN.cgroupId), isV1)
    const abis = cgroups.get(cgroup) ?? new Map<string, string>()
    abis.set(bytes.toString('latin1', at, at + KEY_BYTES), bytes.toString('latin1', at + SEEN.bits, at + SEEN_BYTES))
    cgroups.set(cgroup, abis)
  }
  return cgroups
}

const cgroupKey = (cgroupId: bigint, isV1: boolean): string => `${String(cgroupId)} ${isV1 ? 'v1' : 'v2'}`
