// The definitions of rule files: lists, macros, rules and exceptions, and the changes that later items make. Text is Unicode here.
import type { FilePlace } from '../read/rule-file.js'
import type { TextPlaces } from '../read/yaml-file.js'
import type { RulePriority } from '../rule-set/priority.js'

/** A text of a file with the places of its characters. */
export interface PlacedText {
  readonly text: string
  readonly places: TextPlaces
}

/** A list, as one item of a file defines it. */
export interface ListDefinition {
  readonly name: string
  readonly items: readonly string[]
  readonly place: FilePlace
}
/** A macro, as one item of a file defines it. */
export interface MacroDefinition {
  readonly name: string
  readonly condition: PlacedText
  readonly place: FilePlace
}

/** A scalar or a list of entries in an exception. */
export type Entry = { readonly kind: 'item'; readonly text: string } | { readonly kind: 'list'; readonly items: readonly Entry[] }

/** One exception of a rule, or values that a later item adds to it. */
export interface ExceptionDefinition {
  readonly name: string
  /** null if the item has none and adds values to an earlier exception. */
  readonly fields: Entry | null
  readonly comps: Entry | null
  readonly values: readonly Entry[]
  readonly place: FilePlace
}

/** Properties of a rule that later items can change. */
export interface RuleProperties {
  readonly condition: PlacedText
  readonly output: PlacedText
  readonly desc: string
  readonly tags: readonly string[]
  readonly exceptions: readonly ExceptionDefinition[]
  readonly priority: RulePriority
  readonly enabled: boolean
  readonly warnEventTypes: boolean
  readonly skipIfUnknownFilter: boolean
  readonly capture: boolean
  readonly captureDuration: number
}
/** A rule, as one item of a file defines it. */
export interface RuleDefinition extends RuleProperties {
  readonly name: string
  readonly source: string
  readonly place: FilePlace
}

/** Properties of a rule that are replaced or appended to. */
export interface RuleUpdate {
  readonly name: string
  readonly place: FilePlace
  /** The source in the item; null if absent or empty. It must be that of the rule: an update can't change it. */
  readonly source: string | null
  readonly properties: Partial<RuleProperties>
}

/** An item of a list or a value of an exception as text of a condition: in quotes if it has a blank and no quotes. */
export function quoteItem(item: string): string {
  return item.includes(' ') && !item.startsWith('"') && !item.startsWith("'") ? `"${item}"` : item
}

/** The text without its quotes. */
export function unquoteItem(item: string): string {
  const first = item.charAt(0)
  return item.length >= 2 && (first === '"' || first === "'") && item.endsWith(first) ? item.slice(1, -1) : item
}
