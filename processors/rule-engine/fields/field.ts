// The definition of a field: name, type, meaning, argument, and how its value is read, or why no record holds it.
import type { RuleEvent, RuleRecord, RuleTopic } from './rule-event.js'
import type { BytePlans } from './bytes/byte-plan.js'
import type { FieldType } from './field-type.js'
import type { FieldValue } from './field-value.js'

/**
 * The argument in brackets after the name.
 * none: nothing. index: optionally a number, of generations up (`proc.aname[2]`) or of an argument (`proc.args[0]`). key: optionally a text.
 * requiredKey: a text.
 * requiredIndexOrKey: a number or a text (`container.mount.dest[/etc]`). requiredNumber: a number.
 */
export type ArgumentKind = 'none' | 'index' | 'key' | 'requiredKey' | 'requiredIndexOrKey' | 'requiredNumber'

/**
 * How many values a field has. one: a single value. list: members; `in` tests all, `intersects` any. any: several, of which one
 * must satisfy the operator (all ancestors). sides: client and server; `!=` holds when neither side equals.
 */
export type Plurality = 'one' | 'list' | 'any' | 'sides'

/** The parsed argument: a number, a text (byte text), or none. */
export type FieldArgument = number | string | null

/** Reads the field from a record and what is known of its container. Pure; never throws. */
export type FieldExtractor = (event: RuleEvent, argument: FieldArgument) => FieldValue

/** An extractor with all that it reads: `Record.field` of the Avro records, nested ones by their own name (`Process.name`). */
export interface FieldReading {
  readonly source: readonly string[]
  readonly extract: FieldExtractor
  /** The same for a reading that needs only the record. */
  readonly read?: RecordReader
  /** The same for the bytes of a record. */
  readonly bytes?: BytePlans | undefined
}

/** Reads from the record only. */
export type RecordReader = (event: RuleRecord, argument: FieldArgument) => FieldValue

/** One field of the catalogue. */
export interface FieldDefinition {
  readonly name: string
  readonly type: FieldType
  /** One sentence for people. */
  readonly doc: string
  /** What a number counts: `ns`, `kB`; null for none. */
  readonly unit: string | null
  readonly argument: ArgumentKind
  /** Without an argument; with one, `index` fields are `one`. */
  readonly plurality: Plurality
  /** What the value is read from (see FieldReading); empty for a constant, and for a field that no record holds. */
  readonly source: readonly string[]
  /** Topics whose records can have a value, with the record types if not all have it. */
  readonly kinds: FieldKinds
  /** null if no record holds it; then `unavailable` has the reason. */
  readonly extract: FieldExtractor | null
  /** The same for the bytes of a record, by topic. */
  readonly bytes: BytePlans
  readonly unavailable: string | null
  /** The value may depend on facts of the container, so it can be unknown for a while. */
  readonly needsFacts: boolean
  /** Allowed only in conditions, not in output templates. */
  readonly isFilterOnly: boolean
  /** Not allowed on the right side of an operator, and not compared with a field. */
  readonly isWithoutRightSide: boolean
  readonly isWithoutTransformer: boolean
  /** All values of the event at once, for keyword searches. */
  readonly isWholeEvent: boolean
  /** The warning for its use; null for a field that is not deprecated. */
  readonly deprecated: string | null
  /** Falco does not have it: a rule that uses it works in Eunomia only. */
  readonly isOwn: boolean
}

/** Record types by topic; a topic that is not in the object does not have the field. `all`: every event. */
export type FieldKinds = 'all' | Readonly<Partial<Record<RuleTopic, 'all' | readonly string[]>>>

/** The parts of a definition that have defaults. */
export type FieldTraits = Partial<Omit<FieldDefinition, 'name' | 'type' | 'doc' | 'extract'>>

/** A field that records hold. */
export function field(
  name: string,
  type: FieldType,
  doc: string,
  reading: FieldReading | FieldExtractor,
  traits: FieldTraits = {},
): FieldDefinition {
  const { extract, source, bytes = {} } = typeof reading === 'function' ? { extract: reading, source: [] } : reading
  return { ...PLAIN, unit: UNITS[type] ?? null, source, bytes, ...traits, name, type, doc, extract, unavailable: null }
}

/** A field that no record holds. Rules that use it load, but can't fire. */
export function missing(name: string, type: FieldType, doc: string, unavailable: string, traits: FieldTraits = {}): FieldDefinition {
  return { ...PLAIN, unit: UNITS[type] ?? null, ...traits, name, type, doc, source: [], kinds: {}, extract: null, unavailable }
}

/** A reading of the record only. @param source see FieldReading, separated by spaces; @param bytes the same value in the bytes of the record */
export function from(source: string, read: RecordReader, bytes?: BytePlans): FieldReading {
  return { source: sourceList(source), extract: ({ event }, argument) => read(event, argument), read, bytes }
}

/** A reading that also uses what is known of the container. */
export function fromEvent(source: string, extract: FieldExtractor, bytes?: BytePlans): FieldReading {
  return { source: sourceList(source), extract, bytes }
}

const sourceList = (text: string): string[] => [...new Set(text.split(' '))]

/** A constant value. */
export function constant(value: FieldValue): FieldReading {
  return { source: [], extract: () => value }
}

const UNITS: Partial<Record<FieldType, string>> = { RELTIME: 'ns', ABSTIME: 'ns since 1970' }

const PLAIN = {
  argument: 'none',
  plurality: 'one',
  source: [],
  bytes: {},
  kinds: 'all',
  needsFacts: false,
  isFilterOnly: false,
  isWithoutRightSide: false,
  isWithoutTransformer: false,
  isWholeEvent: false,
  deprecated: null,
  isOwn: false,
} as const

/** Traits of fields that read all ancestors if no generation is given. */
export const ANCESTORS: FieldTraits = { argument: 'index', plurality: 'any', isWithoutRightSide: true, isWithoutTransformer: true }
/** Traits of fields that read both ends of a connection. */
export const BOTH_SIDES: FieldTraits = { plurality: 'sides', isFilterOnly: true, isWithoutRightSide: true, isWithoutTransformer: true }
/** Traits of fields that are compared with networks. */
export const NETWORK: FieldTraits = { isFilterOnly: true, isWithoutRightSide: true, isWithoutTransformer: true }
