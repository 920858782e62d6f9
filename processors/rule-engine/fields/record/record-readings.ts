// Readings of single properties. The key of a property is written once: it is the source of the reading, and the name under which `raw` has its
// exact bytes.
import type { ContainerFacts, Origin, Pod, Process } from '../../../../schemas/generated/types.js'
import { toByteText } from '../../text/byte-text.js'
import { inEveryTopic } from '../bytes/byte-plan.js'
import { from, fromEvent, type FieldReading } from '../field.js'
import { factValue } from './container-knowledge.js'
import { recordText } from './record-text.js'

/** Keys of the properties that hold a value of a type, or null. */
type KeysOf<Owner, Value> = { [Key in keyof Owner]-?: Owner[Key] extends Value | null ? Key : never }[keyof Owner] & string

/** A number or a truth value of the process; null is absent. */
export function processValue(key: KeysOf<Process, number | boolean>): FieldReading {
  return from(
    `Process.${key}`,
    ({ record }) => record.process[key] ?? undefined,
    inEveryTopic({ kind: key.startsWith('is') ? 'truth' : 'number', at: `process.${key}` }),
  )
}

/** A text of the process; null is absent. */
export function processText(key: KeysOf<Process, string>): FieldReading {
  const name = `process.${key}`
  return from(`Process.${key}`, (event) => recordText(event, name, event.record.process[key]), inEveryTopic({ kind: 'text', at: name }))
}

/** A number of the origin. */
export function originValue(key: KeysOf<Origin, number>): FieldReading {
  return from(`Origin.${key}`, ({ record }) => record.origin[key])
}

const NO_FACT = inEveryTopic({ kind: 'onHost', text: null })

/** A text of the container's facts. */
export function factText(key: KeysOf<ContainerFacts, string>): FieldReading {
  return fromEvent(`ContainerFacts.${key}`, (ruleEvent) => factValue(ruleEvent, (facts) => textOf(facts[key])), NO_FACT)
}

/** A text of the container's pod. */
export function podText(key: KeysOf<Pod, string>): FieldReading {
  return fromEvent(`ContainerFacts.pod Pod.${key}`, (ruleEvent) => factValue(ruleEvent, ({ pod }) => textOf(pod?.[key])), NO_FACT)
}

/** The name of the host. */
export const HOST_NAME = from('Origin.hostName', ({ record }) => toByteText(record.origin.hostName))

/** A text of the facts as a value: empty is absent. */
export function textOf(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value === '' ? undefined : toByteText(value)
}
