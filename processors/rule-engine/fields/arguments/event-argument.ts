// What an argument of an event is: the name that `evt.arg.NAME` and `evt.rawarg.NAME` reach it by, its value, and how it is written.
// An argument's text is two: the plain one (a number, a path as it was given) and, where there is one, the resolved one (a name, the
// whole path). `evt.arg` shows the resolved one, `evt.args` both: `flags=65(O_WRONLY|O_CREAT)`.
import type { RuleRecord, RuleTopic } from '../judged-event.js'

/** An event whose record is of one topic. */
export type EventOf<Topic extends RuleTopic> = Extract<RuleRecord, { readonly topic: Topic }>

/** The value as the kernel has it. Text and bytes are byte text. */
export type RawValue = number | bigint | string

/** An argument of the events of one topic. */
export interface EventArgument<Event extends RuleRecord> {
  readonly name: string
  /** All that it reads, as `Record.field` (see FieldReading). */
  readonly source: readonly string[]
  /** What its value alone reads. */
  readonly rawSource: readonly string[]
  /** undefined when the event has none, or it is not known. */
  readonly raw: (event: Event) => RawValue | undefined
  /** Plain text of the value; its digits or itself by default. */
  readonly plain: (raw: RawValue) => string
  /** Resolved text; empty when there is none beyond the plain one. */
  readonly resolved: (raw: RawValue, event: Event) => string
}

/** The arguments of the events of a topic by event type, in the order in which `evt.args` and `evt.arg[N]` have them. */
export type ArgumentTable<Event extends RuleRecord> = Readonly<Record<string, readonly EventArgument<Event>[]>>

/** How the value of an argument is written. */
export interface ArgumentStyle<Event extends RuleRecord> {
  readonly plain?: (raw: RawValue) => string
  readonly resolved?: (raw: RawValue, event: Event) => string
  /** What `resolved` reads besides. */
  readonly resolvedSource?: string
}

/** Makes the arguments of a topic. @param record that its events have: of a shared source only what it can hold is kept */
export function argumentMaker<Event extends RuleRecord>(record: string) {
  const sourceList = (text: string): string[] => [...new Set(text.trim().split(' '))].filter(canRead)
  const canRead = (name: string): boolean => name.startsWith(`${record}.`) || !/^(Process|File|Network|Kernel)Event\./.test(name)

  return (
    name: string,
    source: string,
    raw: (event: Event) => RawValue | null | undefined,
    { plain, resolved, resolvedSource }: ArgumentStyle<Event> = {},
  ): EventArgument<Event> => ({
    name,
    source: sourceList(`${source} ${resolvedSource ?? ''}`),
    rawSource: sourceList(source),
    raw: (event) => raw(event) ?? undefined,
    plain: plain ?? String,
    resolved: resolved ?? ((): string => ''),
  })
}

/** A style for numbers that have names: flags, commands, signals. */
export function named<Event extends RuleRecord>(textOf: (value: number) => string): ArgumentStyle<Event> {
  return { resolved: (raw) => (typeof raw === 'number' ? textOf(raw) : '') }
}
