// Which event types today's collector makes, of all that records can hold. A rule about others can be judged, from records of another
// source or of a later collector, but stays silent on a live host: what shows rules says so. Nothing is judged by it.
import type { RuleTopic } from './judged-event.js'
import { RECORD_KINDS } from './record/event-type.js'

/** By type of record; the one place to change when a probe is added. */
export const EMITTED_KINDS: Readonly<Record<RuleTopic, readonly string[]>> = {
  process: ['exec', 'fork', 'exit'],
  file: Object.keys(RECORD_KINDS.file),
  network: Object.keys(RECORD_KINDS.network),
  kernel: Object.keys(RECORD_KINDS.kernel),
}
/** Event types of those kinds that have no probe: they are too frequent, or go through another hook. */
const WITHOUT_PROBE: ReadonlySet<string> = new Set(['pipe', 'pipe2', 'io_uring_enter', 'signaldeliver'])

const emittedTypesOf = (topic: RuleTopic): readonly string[] =>
  EMITTED_KINDS[topic].flatMap((kind) => RECORD_KINDS[topic][kind] ?? []).filter((type) => !WITHOUT_PROBE.has(type))

/** Event types that the collector makes, by topic. */
export const EMITTED_TYPES_OF: Readonly<Record<RuleTopic, readonly string[]>> = {
  process: emittedTypesOf('process'),
  file: emittedTypesOf('file'),
  network: emittedTypesOf('network'),
  kernel: emittedTypesOf('kernel'),
}

const EMITTED: ReadonlySet<string> = new Set(Object.values(EMITTED_TYPES_OF).flat())

/** The collector makes events of this type. */
export function isEmitted(eventType: string): boolean {
  return EMITTED.has(eventType)
}

/** Those of the types that no collector makes yet, in their order. @param eventTypes of a rule, say */
export function typesNotEmitted(eventTypes: readonly string[]): string[] {
  return eventTypes.filter((type) => !EMITTED.has(type))
}
