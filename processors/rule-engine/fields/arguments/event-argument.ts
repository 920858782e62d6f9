// An event argument: the name by which `evt.arg.NAME` and `evt.rawarg.NAME` read it, its value, and its text. There are two texts: the
// plain one (a number, the path as given) and, for some, the resolved one (a name, the full path). `evt.arg` shows the resolved text,
// `evt.args` both: `flags=65(O_WRONLY|O_CREAT)`. Styles that several topics share are here, too.
import type { BytePlan } from '../bytes/byte-plan.js'
import type { RuleRecord, RuleTopic } from '../rule-event.js'
import { resultText } from '../kernel-names/result-names.js'
import { octalText, AT_FDCWD } from '../kernel-names/file-flags.js'
import { descriptorName, descriptorNumber, descriptorTypeChar, KIND_SOURCE, NAME_SOURCE, NUMBER_SOURCE } from '../descriptor/descriptor.js'
import { lineageValue, LINEAGE_SOURCE } from '../process/process-lineage.js'
import { transportOf, TRANSPORT_SOURCE } from '../descriptor/socket.js'

/** An event whose record is of one topic. */
export type EventOf<Topic extends RuleTopic> = Extract<RuleRecord, { readonly topic: Topic }>

/** The value as the kernel has it. Text and bytes are byte text. */
export type RawValue = number | bigint | string

/** An argument of the events of one topic. */
export interface EventArgument<Event extends RuleRecord> {
  readonly name: string
  /** Everything that it reads, as `Record.field` (see FieldReading). */
  readonly source: readonly string[]
  /** What its value reads. */
  readonly rawSource: readonly string[]
  /** undefined if the event has none, or it is not known. */
  readonly raw: (event: Event) => RawValue | undefined
  /** Plain text of the value; its digits or itself by default. */
  readonly plain: (raw: RawValue) => string
  /** Resolved text; empty if there is only the plain one. */
  readonly resolved: (raw: RawValue, event: Event) => string
  /** Where its text is in the bytes of a record. */
  readonly bytes?: BytePlan | undefined
}

/** The arguments of a topic's events by event type, in the order of `evt.args` and `evt.arg[N]`. */
export type ArgumentTable<Event extends RuleRecord> = Readonly<Record<string, readonly EventArgument<Event>[]>>

/** How the value of an argument is written. */
export interface ArgumentStyle<Event extends RuleRecord> {
  readonly plain?: (raw: RawValue) => string
  readonly resolved?: (raw: RawValue, event: Event) => string
  /** What `resolved` reads in addition. */
  readonly resolvedSource?: string
  readonly bytes?: BytePlan
}

/** Creates the arguments of a topic. @param record of its events; the parts of a shared source that it can't hold are dropped */
export function argumentMaker<Event extends RuleRecord>(record: string) {
  const sourceList = (text: string): string[] => [...new Set(text.trim().split(' '))].filter(canRead)
  const canRead = (name: string): boolean => name.startsWith(`${record}.`) || !/^(Process|File|Network|Kernel)Event\./.test(name)

  return (
    name: string,
    source: string,
    raw: (event: Event) => RawValue | null | undefined,
    { plain, resolved, resolvedSource, bytes }: ArgumentStyle<Event> = {},
  ): EventArgument<Event> => ({
    name,
    source: sourceList(`${source} ${resolvedSource ?? ''}`),
    rawSource: sourceList(source),
    raw: (event) => raw(event) ?? undefined,
    plain: plain ?? String,
    resolved: resolved ?? ((): string => ''),
    bytes,
  })
}

/** A style for numbers that have names: flags, commands, signals. */
export function named<Event extends RuleRecord>(textOf: (value: number) => string): ArgumentStyle<Event> {
  return { resolved: (raw) => (typeof raw === 'number' ? textOf(raw) : '') }
}

/** A result: the name of the errno if the call failed. */
export const RESULT: ArgumentStyle<RuleRecord> = { resolved: (raw) => failureText(raw) }

function failureText(raw: RawValue): string {
  return typeof raw === 'number' && raw < 0 ? resultText(raw) : ''
}

/** A descriptor: its kind and what it refers to: `<f>/etc/passwd`, `<4t>10.0.0.1:4711->10.0.0.2:22`. */
export const DESCRIPTOR: ArgumentStyle<RuleRecord> = {
  resolved: (raw, event) => descriptorText(raw, event),
  resolvedSource: `${NUMBER_SOURCE} ${KIND_SOURCE} ${NAME_SOURCE} ${TRANSPORT_SOURCE}`,
}

function descriptorText(raw: RawValue, event: RuleRecord): string {
  if (typeof raw !== 'number') return ''
  if (raw < 0) return failureText(raw)
  const name = descriptorName(event)
  const char = descriptorTypeChar(event)
  return raw === descriptorNumber(event) && name !== undefined && char !== undefined
    ? `<${char}${transportOf(event)?.charAt(0) ?? ''}>${name}`
    : ''
}

/** The folder from which a relative path starts. */
export const FOLDER: ArgumentStyle<RuleRecord> = { resolved: (raw) => (raw === AT_FDCWD ? 'AT_FDCWD' : '') }

/** Permission bits in octal digits. */
export const OCTAL: ArgumentStyle<RuleRecord> = { plain: (raw) => (typeof raw === 'number' ? octalText(raw) : String(raw)) }

/** A number in hexadecimal digits. */
export const HEX: ArgumentStyle<RuleRecord> = { plain: (raw) => (typeof raw === 'number' ? raw.toString(16).toUpperCase() : String(raw)) }

/** A pid: the name of the process, if that is the process of the event or its ancestor. */
export const OWN_PID: ArgumentStyle<RuleRecord> = {
  resolved: (_raw, event) => String(lineageValue(event, 0, 'name') ?? ''),
  resolvedSource: LINEAGE_SOURCE.own('name'),
}
/** The same for the parent. */
export const PARENT_PID: ArgumentStyle<RuleRecord> = {
  resolved: (_raw, event) => String(lineageValue(event, 1, 'name') ?? ''),
  resolvedSource: LINEAGE_SOURCE.ancestor('name'),
}

/** A path as given, with the full path. */
export function pathStyle(
  full: (event: RuleRecord) => string | undefined,
  fullSource: string,
  bytes?: BytePlan,
): ArgumentStyle<RuleRecord> {
  return { resolved: (_raw, event) => full(event) ?? '', resolvedSource: fullSource, ...(bytes !== undefined && { bytes }) }
}

/** Sent or received bytes: the printable ones. */
export const BYTES: ArgumentStyle<RuleRecord> = { plain: (raw) => String(raw).replace(/[^\x20-\x7e]/g, '.') }
