// Who made the events that were dropped or refused: the table `budgets` of the probes, read when the counters grew. Knows the bytes of
// bpf/record/budgets.h, no processes and no containers.
import {
  BUDGET,
  BUDGET_KEY,
  BUDGET_NAMED_OPENS,
  BUDGET_OPENS,
  EVENT_HEADER,
  HEADER_CGROUP_V1,
  KEY_NAMED_OPEN,
  KIND,
  KIND_MAX,
} from '../../native/generated/layout.js'

/** Opens are the bulk of all events: they have a ring of their own, and are reported apart. */
export type DropGroup = 'opens' | 'others'

/** The group of a kind. */
export function groupOfKind(kind: number): DropGroup {
  return kind === KIND.open || kind === KEY_NAMED_OPEN ? 'opens' : 'others'
}

/** The noisiest process of the noisiest cgroup. */
export interface Noisiest {
  /** struct event_header of an event that it made earlier. */
  readonly header: Uint8Array
  /** Its dropped and refused events since the last reading. */
  readonly events: number
}

/** An entry of a process or a cgroup with more events than at the last reading. */
interface Noise {
  readonly group: DropGroup
  readonly isProcess: boolean
  readonly cgroup: string
  /** A process by pid and start. */
  readonly process: string
  readonly header: Buffer
  readonly events: number
}

/** Kinds of the keys of cgroups for opens. */
const CGROUPS_OF_OPENS: readonly number[] = [KIND_MAX + BUDGET_OPENS, KIND_MAX + BUDGET_NAMED_OPENS]
const ENTRY_BYTES = BUDGET_KEY.bytes + BUDGET.bytes

/** Compares readings of the table. */
export class NoiseTable {
  /** Events by entry at the last reading: as many as the table has. */
  #before = new Map<string, number>()

  /** Takes a reading. @returns the noisiest of each group since the last one */
  read(bytes: Buffer): ReadonlyMap<DropGroup, Noisiest> {
    const before = this.#before
    this.#before = new Map()
    const noises: Noise[] = []
    for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
      const entry = bytes.subarray(at, at + ENTRY_BYTES)
      const value = entry.subarray(BUDGET_KEY.bytes)
      const total = Number(value.readBigUInt64LE(BUDGET.refused) + value.readBigUInt64LE(BUDGET.dropped))
      if (total === 0) continue
      const header = value.subarray(BUDGET.owner, BUDGET.owner + EVENT_HEADER.bytes)
      const process = `${String(header.readUInt32LE(EVENT_HEADER.pid))} ${String(header.readBigUInt64LE(EVENT_HEADER.startBootNs))}`
      const kind = entry.readUInt32LE(BUDGET_KEY.kind)
      const isProcess = kind < KIND_MAX
      const key = `${entry.toString('latin1', 0, BUDGET_KEY.bytes)} ${isProcess ? process : ''}`
      this.#before.set(key, total)
      const events = total - (before.get(key) ?? 0)
      // An entry that made room and came back begins at 0 again.
      if (events === 0) continue
      const group = isProcess ? groupOfKind(kind) : CGROUPS_OF_OPENS.includes(kind) ? 'opens' : 'others'
      noises.push({ group, isProcess, cgroup: cgroupOf(entry, value, isProcess), process, header, events: events > 0 ? events : total })
    }
    return new Map(
      (['others', 'opens'] as const).flatMap((group) =>
        noisiestOf(
          noises.filter((noise) => noise.group === group),
          group,
        ),
      ),
    )
  }
}

function noisiestOf(noises: readonly Noise[], group: DropGroup): [DropGroup, Noisiest][] {
  const cgroup = loudest(
    noises.filter(({ isProcess }) => !isProcess),
    ({ cgroup: name }) => name,
  )
  const processes = noises.filter((noise) => noise.isProcess && (cgroup === null || noise.cgroup === cgroup.of.cgroup))
  // The processes of a flood that forks may all have made room for others: the first one of the cgroup stands for them.
  const process = loudest(processes, (noise) => noise.process) ?? (cgroup === null ? null : { of: cgroup.of, events: 0 })
  return process === null ? [] : [[group, { header: Buffer.from(process.of.header), events: process.events }]]
}

/** The entry whose name has the most events, with their sum; null for none. */
function loudest(noises: readonly Noise[], nameOf: (noise: Noise) => string): { readonly of: Noise; readonly events: number } | null {
  const sums = new Map<string, number>()
  let most: { readonly of: Noise; readonly events: number } | null = null
  for (const noise of noises) {
    const events = (sums.get(nameOf(noise)) ?? 0) + noise.events
    sums.set(nameOf(noise), events)
    if (most === null || events > most.events) most = { of: noise, events }
  }
  return most
}

/** The cgroup whose budget it is, or that the process spends. */
function cgroupOf(key: Buffer, value: Buffer, isProcess: boolean): string {
  const id = isProcess ? value.readBigUInt64LE(BUDGET.groupId) : key.readBigUInt64LE(BUDGET_KEY.id)
  const isV1 = isProcess
    ? (value.readUInt32LE(BUDGET.owner + EVENT_HEADER.flags) & HEADER_CGROUP_V1) !== 0
    : key.readUInt32LE(BUDGET_KEY.isV1) !== 0
  return `${String(id)} ${isV1 ? 'v1' : 'v2'}`
}
