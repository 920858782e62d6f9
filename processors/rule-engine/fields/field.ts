// What a field is: its name, type, meaning, argument, and how it is read from an event - or why it can't be yet.
import type { JudgedEvent } from '../judged-event.js'
import type { FieldType } from './field-type.js'
import type { FieldValue } from './field-value.js'

/**
 * What may stand in the brackets behind the name.
 * none: nothing. index: optionally a number of generations up (`proc.aname[2]`). key: optionally a text. requiredKey: a text.
 * requiredIndexOrKey: a number or a text (`container.mount.dest[/etc]`). requiredNumber: a number.
 */
export type ArgumentKind = 'none' | 'index' | 'key' | 'requiredKey' | 'requiredIndexOrKey' | 'requiredNumber'

/**
 * How many values a field has. one: a single value. list: members; `in` asks of all, `intersects` of any. any: several, of which one
 * must satisfy the operator (all ancestors). sides: client and server; `!=` holds when neither side equals.
 */
export type Plurality = 'one' | 'list' | 'any' | 'sides'

/** The parsed argument: a number, a text (byte text), or none. */
export type FieldArgument = number | string | null

/** Reads the field from a record and what is known of its container. Pure; never throws. */
export type FieldExtractor = (event: JudgedEvent, argument: FieldArgument) => FieldValue

/** One field of the catalogue. */
export interface FieldDefinition {
  readonly name: string
  readonly type: FieldType
  /** One sentence for people. */
  readonly doc: string
  readonly argument: ArgumentKind
  /** Without an argument (with one, `index` fields are `one`). */
  readonly plurality: Plurality
  /** null when no record holds it yet; then `unavailable` says why. */
  readonly extract: FieldExtractor | null
  readonly unavailable: string | null
  /** The value may depend on facts of the container, so it can be unknown for a while. */
  readonly needsFacts: boolean
  /** May stand only in conditions, not in output templates. */
  readonly isFilterOnly: boolean
  /** Can't stand on the right side of an operator, nor be compared with a field. */
  readonly isWithoutRightSide: boolean
  readonly isWithoutTransformer: boolean
  /** Every value of the event at once: what searches for keywords look at. */
  readonly isWholeEvent: boolean
  /** What to say when it is used; null for fields in good standing. */
  readonly deprecated: string | null
}

type Traits = Partial<Omit<FieldDefinition, 'name' | 'type' | 'doc' | 'extract'>>

/** A field that records hold. */
export function field(name: string, type: FieldType, doc: string, extract: FieldExtractor, traits: Traits = {}): FieldDefinition {
  return { ...PLAIN, ...traits, name, type, doc, extract, unavailable: null }
}

/** A field that no record holds yet. Rules that use it load, and say so. */
export function missing(name: string, type: FieldType, doc: string, unavailable: string, traits: Traits = {}): FieldDefinition {
  return { ...PLAIN, ...traits, name, type, doc, extract: null, unavailable }
}

const PLAIN = {
  argument: 'none',
  plurality: 'one',
  needsFacts: false,
  isFilterOnly: false,
  isWithoutRightSide: false,
  isWithoutTransformer: false,
  isWholeEvent: false,
  deprecated: null,
} as const

/** Traits of fields that look at all ancestors when no generation is named. */
export const ANCESTORS: Traits = { argument: 'index', plurality: 'any', isWithoutRightSide: true, isWithoutTransformer: true }
/** Traits of fields that look at both ends of a connection. */
export const BOTH_SIDES: Traits = { plurality: 'sides', isFilterOnly: true, isWithoutRightSide: true, isWithoutTransformer: true }
/** Traits of fields that are compared with networks. */
export const NETWORK: Traits = { isFilterOnly: true, isWithoutRightSide: true, isWithoutTransformer: true }
