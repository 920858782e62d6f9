// Balances what the topics contain against the loss ledger of the last heartbeat: what a reader can prove about losses, from records alone.
import type { HostEvent, LedgerEntry, Origin } from '../../../schemas/generated/types.js'
import type { ClusterRecords } from './cluster-records.js'

/** One sequence space: a topic on a CPU. */
export interface SequenceAccount {
  readonly topic: string
  readonly cpu: number
  /** Numbers that the kernel gave. */
  readonly given: number
  /** Different numbers in the topic. */
  readonly published: number
  /** Numbers between 1 and `given` that do not. */
  readonly missing: number
  /** Records whose event id is there already. */
  readonly repeated: number
  /** What the ledger says of them. */
  readonly ledger: { readonly published: number; readonly dropped: number; readonly inFlight: number }
}

/** Identity of an event within its topic. */
export function eventId({ hostId, bootId, epoch, cpu, seq }: Origin): string {
  return [hostId, bootId, epoch, cpu, seq].join(' ')
}

/** Different events, in the order of their first record. */
export function distinctEvents<Event extends { readonly origin: Origin }>(events: readonly Event[]): Event[] {
  const byId = new Map<string, Event>()
  for (const event of events) if (!byId.has(eventId(event.origin))) byId.set(eventId(event.origin), event)
  return [...byId.values()]
}

/** The accounts of everything that the kernel reported to the collector that ended with this heartbeat. */
export function sequenceAccounts(records: ClusterRecords, heartbeat: HostEvent): SequenceAccount[] {
  return (['process', 'file'] as const).flatMap((topic) => {
    const cpus = new Set(
      heartbeat.ledger.filter((entry) => entry.topic === topic && entry.cpu >= 0 && !entry.isInherited).map(({ cpu }) => cpu),
    )
    return [...cpus].map((cpu) => accountOf(topic, cpu, records[topic], heartbeat))
  })
}

function accountOf(topic: string, cpu: number, events: readonly { readonly origin: Origin }[], { ledger }: HostEvent): SequenceAccount {
  const seqs = events.filter(({ origin }) => origin.cpu === cpu).map(({ origin }) => origin.seq)
  const ofCpu = ledger.filter((entry) => entry.topic === topic && entry.cpu === cpu)
  const entries = ofCpu.filter(({ isInherited }) => !isInherited)
  // What an earlier run left in the spool is settled for the ring; whether it has been sent is in separate accounts.
  const spooled = sum(
    ofCpu.filter(({ isInherited }) => isInherited),
    inFlightOf,
  )
  const given = sum(entries, ({ emitted, suppressed }) => emitted - suppressed)
  const distinct = new Set(seqs)
  let missing = 0
  for (let seq = 1; seq <= given; seq++) if (!distinct.has(seq)) missing++
  return {
    topic,
    cpu,
    given,
    published: distinct.size,
    missing,
    repeated: seqs.length - distinct.size,
    ledger: {
      published: sum(entries, ({ published }) => published) - spooled,
      dropped: sum(entries, droppedOf),
      inFlight: sum(entries, inFlightOf) + spooled,
    },
  }
}

/** Events of an entry that were lost. */
export function droppedOf({ droppedRing, droppedCollector, droppedSpool }: LedgerEntry): number {
  return droppedRing + droppedCollector + droppedSpool
}

/** published + dropped + suppressed + in flight = emitted */
export function inFlightOf(entry: LedgerEntry): number {
  return entry.emitted - entry.published - entry.suppressed - droppedOf(entry)
}

function sum(entries: readonly LedgerEntry[], valueOf: (entry: LedgerEntry) => number): number {
  return entries.reduce((total, entry) => total + valueOf(entry), 0)
}
