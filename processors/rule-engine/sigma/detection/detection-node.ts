// A search of a rule as written: fields with modifiers and values, joined. Not checked yet: a pipeline may change it before it is compiled.
import type { FilePlace } from '../../read/file-place.js'
import type { ItemError } from '../../read/load-report.js'
import type { Placeholders } from '../values/placeholders.js'

/** A value as written; null for YAML's null. */
export interface WrittenValue {
  readonly text: string | null
  readonly place: FilePlace
  /** Without quotes: a number means what it says. */
  readonly isPlain: boolean
}

/** `Image|endswith: [/nc, /ncat]`: one field with its values. */
export interface DetectionItem {
  readonly kind: 'item'
  /** Empty: every value of the event. */
  readonly field: string
  readonly modifiers: readonly string[]
  readonly values: readonly WrittenValue[]
  readonly place: FilePlace
  /** Values of placeholders for this item alone. */
  readonly placeholders: Placeholders
  /** Ids of the steps of a pipeline that changed it. */
  readonly changedBy: readonly string[]
}

/** Items joined with and (`all`) or with or (`any`). */
export interface DetectionGroup {
  readonly kind: 'all' | 'any'
  readonly children: readonly DetectionNode[]
}

/** What is left where a pipeline dropped everything: conditions pass over it. */
export interface DroppedNode {
  readonly kind: 'dropped'
}

/** What is no search; told when the rule is compiled, beside all other mistakes. */
export interface BrokenNode {
  readonly kind: 'broken'
  readonly error: ItemError
}

/** A part of a search. */
export type DetectionNode = DetectionItem | DetectionGroup | DroppedNode | BrokenNode

/** The item as a rule writes its key. */
export function itemKey({ field, modifiers }: Pick<DetectionItem, 'field' | 'modifiers'>): string {
  return [field, ...modifiers].join('|')
}

/** The node with its items replaced; what loses all of its items is dropped. */
export function mapItems(node: DetectionNode, change: (item: DetectionItem) => DetectionNode): DetectionNode {
  if (node.kind === 'item') return change(node)
  if (node.kind === 'dropped' || node.kind === 'broken') return node
  const children = node.children.map((child) => mapItems(child, change)).filter(({ kind }) => kind !== 'dropped')
  return children.length === 0 ? { kind: 'dropped' } : { kind: node.kind, children }
}

/** Every item of the node. */
export function itemsOf(node: DetectionNode): DetectionItem[] {
  if (node.kind === 'item') return [node]
  return node.kind === 'dropped' || node.kind === 'broken' ? [] : node.children.flatMap(itemsOf)
}
