// What rule files define, as read: lists, macros, rules, exceptions, and what later items change of them. Text is Unicode here.
import type { FilePlace } from '../read/rule-file.js'
import type { TextPlaces } from '../read/yaml-file.js'
import type { RulePriority } from '../rule-set/priority.js'

/** A text of a file that knows where each of its characters stood. */
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

/** A scalar or a list of entries, as exceptions hold them. */
export type Entry = { readonly kind: 'item'; readonly text: string } | { readonly kind: 'list'; readonly items: readonly Entry[] }

/** One exception of a rule, or values that a later item adds to it. */
export interface ExceptionDefinition {
  readonly name: string
  /** null when the item gives none (it adds values to an earlier one). */
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

/** Properties of a rule that are given anew or added to. */
export interface RuleUpdate {
  readonly name: string
  readonly place: FilePlace
  /** As the item gives it; null when it gives none, or an empty one. It must be the rule's: an update can't change it. */
  readonly source: string | null
  readonly properties: Partial<RuleProperties>
}

// Items of lists and values of exceptions become text of a condition: those with a blank are put in quotes, unless they have some.

export function quoteItem(item: string): string {
  return item.includes(' ') && !item.startsWith('"') && !item.startsWith("'") ? `"${item}"` : item
}

/** The text without the quotes around it. */
export function unquoteItem(item: string): string {
  const first = item.charAt(0)
  return item.length >= 2 && (first === '"' || first === "'") && item.endsWith(first) ? item.slice(1, -1) : item
}
