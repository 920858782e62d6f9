// Reads the searches of a rule: fields with modifiers and values, joined. They are not checked, because a pipeline can change them before compilation.
import { ItemError } from '../../read/load-report.js'
import type { FilePlace } from '../../read/rule-file.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { Placeholders } from '../values/placeholders.js'

/** A value as written; null for YAML's null. */
export interface WrittenValue {
  readonly text: string | null
  readonly place: FilePlace
  /** Without quotes: a number keeps its meaning. */
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
  /** Placeholder values for this item alone. */
  readonly placeholders: Placeholders
  /** Ids of the pipeline steps that changed it. */
  readonly changedBy: readonly string[]
}

/** Items joined with and (`all`) or with or (`any`). */
export interface DetectionGroup {
  readonly kind: 'all' | 'any'
  readonly children: readonly DetectionNode[]
}

/** The rest of a search that a pipeline emptied: conditions ignore it. */
export interface DroppedNode {
  readonly kind: 'dropped'
}

/** An invalid search; reported when the rule is compiled, with all other mistakes. */
export interface BrokenNode {
  readonly kind: 'broken'
  readonly error: ItemError
}

/** A part of a search. */
export type DetectionNode = DetectionItem | DetectionGroup | DroppedNode | BrokenNode

/** The key of the item, as in the rule. */
export function itemKey({ field, modifiers }: Pick<DetectionItem, 'field' | 'modifiers'>): string {
  return [field, ...modifiers].join('|')
}

/** The node with its items replaced; a node without items is dropped. */
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

/** Deepest nesting of lists. */
const MAX_DEPTH = 20

/** Reads a search: maps join with and, lists with or; a bare text is a keyword. Never throws: a mistake is a node of its own. */
export function readSearch(name: string, node: YamlNode): DetectionNode {
  try {
    return readNode(name, node, 0)
  } catch (error) {
    if (error instanceof ItemError) return { kind: 'broken', error }
    throw error
  }
}

function readNode(name: string, node: YamlNode, depth: number): DetectionNode {
  if (depth > MAX_DEPTH) throw detectionProblem(`search '${name}' is nested deeper than ${String(MAX_DEPTH)}`, node.place)
  switch (node.kind) {
    case 'map':
      return readMap(name, node)
    case 'sequence':
      if (node.items.length === 0) throw emptySearch(name, node.place)
      return { kind: 'any', children: node.items.map((item) => readNode(name, item, depth + 1)) }
    case 'scalar':
      return readItem('', node.place, node)
    case 'null':
      throw emptySearch(name, node.place)
  }
}

function readMap(name: string, { entries, repeatedKeys, place }: YamlNode): DetectionNode {
  if (entries.size === 0) throw emptySearch(name, place)
  const [repeated] = repeatedKeys
  if (repeated !== undefined) {
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', `key '${repeated.key}' occurs twice in the same mapping`, null, repeated.place)
  }
  return { kind: 'all', children: [...entries].map(([key, { keyPlace, value }]) => readItem(key, keyPlace, value)) }
}

function readItem(key: string, place: FilePlace, node: YamlNode): DetectionItem {
  const [field = '', ...modifiers] = key.split('|')
  return { kind: 'item', field, modifiers, values: valuesOf(itemKey({ field, modifiers }), node), place, placeholders: {}, changedBy: [] }
}

function valuesOf(key: string, node: YamlNode): WrittenValue[] {
  const nodes = node.kind === 'sequence' ? node.items : [node]
  if (nodes.length === 0) throw detectionProblem(`${key}: expected at least one value`, node.place)
  return nodes.map(({ kind, text, place, isPlain }) => {
    if (kind === 'map' || kind === 'sequence') throw detectionProblem(`${key}: a value must be a text, a number or null`, place)
    return { text: kind === 'null' ? null : text, place, isPlain }
  })
}

function emptySearch(name: string, place: FilePlace): ItemError {
  return detectionProblem(`search '${name}' is empty`, place)
}

/** A mistake in the detection of a rule, or in a pipeline. The loader adds the name of the rule and continues. */
export function detectionProblem(message: string, place: FilePlace): ItemError {
  return new ItemError('LOAD_ERR_VALIDATE', message, null, place)
}

/** A mistake in the condition of a rule. */
export function conditionProblem(message: string, place: FilePlace): ItemError {
  return new ItemError('LOAD_ERR_COMPILE_CONDITION', message, null, place)
}
