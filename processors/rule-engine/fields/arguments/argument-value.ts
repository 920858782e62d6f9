// Event arguments as fields: `evt.rawarg.NAME` is the value, `evt.arg.NAME` a text, `evt.args` all arguments.
import type { FieldArgument } from '../field.js'
import { familyOf } from '../field-type.js'
import { eventArgumentType } from '../kernel-names/event-arguments.js'
import type { BytePlan } from '../bytes/byte-plan.js'
import type { RuleRecord, RuleTopic } from '../rule-event.js'
import { eventTypeOf } from '../record/event-type.js'
import type { ArgumentTable, EventArgument, RawValue } from './event-argument.js'
import { FILE_ARGUMENTS } from './file-arguments.js'
import { KERNEL_ARGUMENTS } from './kernel-arguments.js'
import { NETWORK_ARGUMENTS } from './network-arguments.js'
import { PROCESS_ARGUMENTS } from './process-arguments.js'

/** Name, event type and sources of an argument, for the documentation and the tests. */
export interface ArgumentDescription {
  readonly eventType: string
  readonly name: string
  readonly source: readonly string[]
  readonly rawSource: readonly string[]
}

const TABLES = { process: PROCESS_ARGUMENTS, file: FILE_ARGUMENTS, network: NETWORK_ARGUMENTS, kernel: KERNEL_ARGUMENTS }

/** Every argument of every event type. */
export function argumentDescriptions(): ArgumentDescription[] {
  const describe = <Event extends RuleRecord>(table: ArgumentTable<Event>): ArgumentDescription[] =>
    Object.entries(table).flatMap(([eventType, list]) =>
      list.map(({ name, source, rawSource }) => ({ eventType, name, source, rawSource })),
    )
  return [...describe(TABLES.process), ...describe(TABLES.file), ...describe(TABLES.network), ...describe(TABLES.kernel)]
}

const HEAD = [
  'FileEvent.syscall',
  ...['ProcessEvent', 'NetworkEvent', 'KernelEvent'].flatMap((record) => [`${record}.type`, `${record}.syscall`]),
]

/** What {@link argumentText} and {@link allArgumentsText} may read. */
export const ARGUMENT_SOURCE = [...HEAD, ...argumentDescriptions().flatMap(({ source }) => source)].join(' ')
/** What {@link argumentRaw} may read. */
export const RAW_ARGUMENT_SOURCE = [...HEAD, ...argumentDescriptions().flatMap(({ rawSource }) => rawSource)].join(' ')

/** The value of an argument, if it has the type that belongs to its name; undefined if the event has no such argument. */
export function argumentRaw(event: RuleRecord, which: FieldArgument): RawValue | undefined {
  const raw = onArgument(event, which, (_argument, _event, value) => value)
  const type = typeof which === 'string' ? eventArgumentType(which) : undefined
  // One name may be a number in one event and a text in another, such as the type of a socket and of a mount.
  const isNumber = type !== undefined && familyOf(type) === 'number'
  return isNumber === (typeof raw !== 'string') ? raw : undefined
}

/** The argument as text: resolved if possible, else plain. */
export function argumentText(event: RuleRecord, which: FieldArgument): string | undefined {
  return onArgument(event, which, ({ plain, resolved }, ofEvent, raw) => {
    const text = resolved(raw, ofEvent)
    return text === '' ? plain(raw) : text
  })
}

/** `name=plain(resolved)` of all arguments, separated by spaces; undefined for an event without arguments. */
export function allArgumentsText(event: RuleRecord): string | undefined {
  const texts: string[] = []
  for (let place = 0; place < argumentCount(event); place++) {
    const text = onArgument(event, place, ({ name, plain, resolved }, ofEvent, raw) => {
      const shown = resolved(raw, ofEvent)
      return `${name}=${plain(raw)}${shown === '' ? '' : `(${shown})`}`
    })
    if (text !== undefined) texts.push(text)
  }
  return texts.length === 0 ? undefined : texts.join(' ')
}

/** Where the text of an argument is in the bytes of the events of a type; null if they must be decoded. */
export function argumentPlan(topic: RuleTopic, eventType: string, which: FieldArgument): BytePlan | null {
  if (typeof which !== 'string') return null
  const list: readonly { readonly name: string; readonly bytes?: BytePlan | undefined }[] = TABLES[topic][eventType] ?? []
  const argument = list.find(({ name }) => name === which)
  return argument === undefined ? { kind: 'constant', text: null } : (argument.bytes ?? null)
}

/** Applied to an argument for which the event has a value. */
type Use<Result> = <Event extends RuleRecord>(argument: EventArgument<Event>, event: Event, raw: RawValue) => Result

/** @param which name or index of the argument */
function onArgument<Result>(event: RuleRecord, which: FieldArgument, use: Use<Result>): Result | undefined {
  const type = eventTypeOf(event)
  if (type === null) return undefined
  switch (event.topic) {
    case 'process':
      return useOf(TABLES.process[type], event, which, use)
    case 'file':
      return useOf(TABLES.file[type], event, which, use)
    case 'network':
      return useOf(TABLES.network[type], event, which, use)
    case 'kernel':
      return useOf(TABLES.kernel[type], event, which, use)
  }
}

function useOf<Event extends RuleRecord, Result>(
  list: readonly EventArgument<Event>[] | undefined,
  event: Event,
  which: FieldArgument,
  use: Use<Result>,
): Result | undefined {
  const argument = typeof which === 'number' ? list?.[which] : list?.find(({ name }) => name === which)
  const raw = argument?.raw(event)
  return argument === undefined || raw === undefined ? undefined : use(argument, event, raw)
}

function argumentCount(event: RuleRecord): number {
  const type = eventTypeOf(event)
  return type === null ? 0 : (TABLES[event.topic][type]?.length ?? 0)
}
