// One line of the ledger.
import type { LedgerEntry } from '../../schemas/generated/types.js'
import { KIND_MAX } from '../../native/generated/layout.js'
import { kindFacts } from '../ring-events/event-kinds.js'

/** One account with its events in flight: in the ring, in the collector, in the spool, or sent and not acknowledged. */
export interface Account extends LedgerEntry {
  readonly inFlight: number
}

/** Outcome of events that were in the spool. */
export type SpoolOutcome = 'published' | 'droppedSpool' | 'droppedCollector'

/** Kinds that the collector produces, numbered after the kinds of the kernel. */
export const OWN_KIND = {
  snapshot: KIND_MAX,
  container: KIND_MAX + 1,
  heartbeat: KIND_MAX + 2,
  usage: KIND_MAX + 3,
  drop: KIND_MAX + 4,
  audit: KIND_MAX + 5,
} as const

/** One more than the highest kind of the ledger. */
export const LEDGER_KINDS = KIND_MAX + 5

const OWN: Readonly<Record<number, readonly [topic: string, kind: string]>> = {
  [OWN_KIND.snapshot]: ['process', 'snapshot'],
  [OWN_KIND.container]: ['container', 'container'],
  [OWN_KIND.heartbeat]: ['host', 'heartbeat'],
  [OWN_KIND.usage]: ['usage', 'usage'],
  [OWN_KIND.drop]: ['kernel', 'drop'],
  [OWN_KIND.audit]: ['audit', 'audit'],
}

/** The kind for a topic and name of the ledger; undefined when this version does not know it. */
export function ledgerKindNamed(topic: string, name: string): number | undefined {
  return Array.from({ length: LEDGER_KINDS }, (_, kind) => kind).find((kind) => {
    const [ofTopic, named] = ledgerNames(kind)
    return ofTopic === topic && named === name
  })
}

/**
 * Topic and name of a kind in the ledger; `cgroup` is the topic of records that the collector consumes. KIND_NONE is counted only as
 * suppressed: system calls of the x32 ABI, which the programs do not read.
 */
export function ledgerNames(kind: number): readonly [topic: string, kind: string] {
  const own = OWN[kind]
  if (own !== undefined) return own
  if (kind === 0) return ['unknown', 'foreign_abi']
  const facts = kindFacts(kind)
  if (facts === undefined) return ['unknown', `kind_${String(kind)}`]
  return [facts.topic ?? 'cgroup', facts.name]
}
