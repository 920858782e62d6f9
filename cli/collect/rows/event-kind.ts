// What kind an event or aggregate is of, as rows show it and `--kind` asks for it: by its topic, its type, or more finely.
import { UsageError } from '../../../infra/process/errors.js'
import { nearestName } from '../../../infra/text/nearest.js'
import { printable } from '../../../infra/text/printable.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import { RULE_TOPICS, type RuleRecord } from '../../../processors/rule-engine/fields/judged-event.js'
import { USAGE_TYPE_SYMBOLS, type UsageRecord } from '../../../schemas/generated/types.js'

/** An event that is printed. */
export type PrintedEvent = RuleRecord

/** Finer than types: a refused exec, and opens by what they are for. */
const FINER = ['refused', 'open-read', 'open-write', 'open-new'] as const
const USAGE_TYPES = USAGE_TYPE_SYMBOLS.filter((type) => type !== 'UNKNOWN')
const TYPES = ['snapshot', ...RULE_TOPICS.flatMap((topic) => Object.keys(RECORD_KINDS[topic]))]

/** The kind in rows. */
export function kindOf({ topic, record }: PrintedEvent): string {
  if (topic === 'process') return record.type === 'exec' && record.result < 0 ? 'refused' : record.type
  if (topic !== 'file' || record.type !== 'open') return record.type
  return record.isWrite ? (record.isCreate ? 'open-new' : 'open-write') : 'open-read'
}

/** Whether an event is of one of these kinds. */
export function isOfKind(event: PrintedEvent, kinds: ReadonlySet<string>): boolean {
  return kinds.has(event.record.type) || kinds.has(kindOf(event)) || kinds.has(event.topic)
}

/** Whether an aggregate is of one of these kinds. */
export function isUsageOfKind({ type }: Pick<UsageRecord, 'type'>, kinds: ReadonlySet<string>): boolean {
  return kinds.has('usage') || kinds.has(type)
}

/** The kinds that a person named. @throws UsageError with the nearest name of each that there is not */
export function chosenKinds(names: readonly string[]): ReadonlySet<string> {
  return new Set(knownNames('--kind', 'kind', names, [...TYPES, ...FINER, ...RULE_TOPICS, ...USAGE_TYPES, 'usage']))
}

/** Names of a list with commas, each of which must be known. @throws UsageError */
export function knownNames(flag: string, what: string, given: readonly string[], known: readonly string[]): string[] {
  const names = given.flatMap((list) => list.split(',')).map((name) => name.trim())
  const mistakes = names.flatMap((name) => {
    if (known.includes(name)) return []
    const nearest = nearestName(name, known)
    const written = printable(name.slice(0, 100))
    return [`there is no ${what} "${written}"${nearest === undefined ? '' : `; did you mean ${nearest}?`}`]
  })
  if (mistakes.length > 0) throw new UsageError(`${flag}: ${mistakes.join('\n')}\nthere are: ${known.join(', ')}`)
  return [...new Set(names)]
}
