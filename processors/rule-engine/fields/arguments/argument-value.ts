// Arguments of an event as fields show them: `evt.rawarg.NAME` the value, `evt.arg.NAME` a text, `evt.args` all of them.
import type { FieldArgument } from '../field.js'
import { familyOf } from '../field-type.js'
import { eventArgumentType } from '../kernel-names/event-arguments.js'
import type { RuleRecord } from '../../judged-event.js'
import { eventTypeOf } from '../record/event-type.js'
import type { ArgumentTable, EventArgument, RawValue } from './event-argument.js'
import { FILE_ARGUMENTS } from './file-arguments.js'
import { KERNEL_ARGUMENTS } from './kernel-arguments.js'
import { NETWORK_ARGUMENTS } from './network-arguments.js'
import { PROCESS_ARGUMENTS } from './process-arguments.js'

/** One argument of one event. */
interface ArgumentOfEvent {
  readonly name: string
  readonly raw: RawValue
  readonly plain: string
  /** Empty for none. */
  readonly resolved: string
}

/** Name, event types and reads of every argument: what the documentation and the tests walk. */
export interface ArgumentDescription {
  readonly eventType: string
  readonly name: string
  readonly source: readonly string[]
}

const TABLES = { process: PROCESS_ARGUMENTS, file: FILE_ARGUMENTS, network: NETWORK_ARGUMENTS, kernel: KERNEL_ARGUMENTS }

export function argumentDescriptions(): ArgumentDescription[] {
  const describe = <Event extends RuleRecord>(table: ArgumentTable<Event>): ArgumentDescription[] =>
    Object.entries(table).flatMap(([eventType, list]) => list.map(({ name, source }) => ({ eventType, name, source })))
  return [...describe(TABLES.process), ...describe(TABLES.file), ...describe(TABLES.network), ...describe(TABLES.kernel)]
}

/** What each of the functions below may read. */
export const ARGUMENT_SOURCE: readonly string[] = [
  ...new Set([
    ...['ProcessEvent', 'FileEvent', 'NetworkEvent', 'KernelEvent'].flatMap((record) => [`${record}.type`, `${record}.syscall`]),
    ...argumentDescriptions().flatMap(({ source }) => source),
  ]),
]

/** The argument as the kernel has it, where it is of the type that its name has; undefined when the event has none of that name. */
export function argumentRaw(event: RuleRecord, name: FieldArgument): RawValue | undefined {
  const raw = find(event, name)?.raw
  const type = typeof name === 'string' ? eventArgumentType(name) : undefined
  // One name may be a number in one event and a text in another, as the type of a socket and of a mount.
  const isNumber = type !== undefined && familyOf(type) === 'number'
  return isNumber === (typeof raw !== 'string') ? raw : undefined
}

/** The argument as text: by its name where it has one, else plain. */
export function argumentText(event: RuleRecord, name: FieldArgument): string | undefined {
  const found = find(event, name)
  return found === undefined || found.resolved !== '' ? found?.resolved : found.plain
}

/** `name=plain(resolved)` of all arguments, parted by blanks; undefined for an event without arguments. */
export function allArgumentsText(event: RuleRecord): string | undefined {
  const texts = argumentsOf(event, null).map(({ name, plain, resolved }) => `${name}=${plain}${resolved === '' ? '' : `(${resolved})`}`)
  return texts.length === 0 ? undefined : texts.join(' ')
}

function find(event: RuleRecord, name: FieldArgument): ArgumentOfEvent | undefined {
  return name === null ? undefined : argumentsOf(event, name)[0]
}

/** @param which name or place of one argument; null for all that the event has */
function argumentsOf(event: RuleRecord, which: string | number | null): ArgumentOfEvent[] {
  const type = eventTypeOf(event)
  if (type === null) return []
  switch (event.topic) {
    case 'process':
      return valuesOf(TABLES.process[type], event, which)
    case 'file':
      return valuesOf(TABLES.file[type], event, which)
    case 'network':
      return valuesOf(TABLES.network[type], event, which)
    case 'kernel':
      return valuesOf(TABLES.kernel[type], event, which)
  }
}

function valuesOf<Event extends RuleRecord>(
  list: readonly EventArgument<Event>[] | undefined,
  event: Event,
  which: string | number | null,
): ArgumentOfEvent[] {
  const chosen = list?.filter(({ name }, index) => which === null || which === name || which === index) ?? []
  return chosen.flatMap(({ name, raw, plain, resolved }) => {
    const value = raw(event)
    return value === undefined ? [] : [{ name, raw: value, plain: plain(value), resolved: resolved(value, event) }]
  })
}
