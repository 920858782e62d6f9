// What stands behind the name of a search to detection nodes. Maps join with and, lists with or; a bare text is a keyword.
import type { FilePlace } from '../../read/file-place.js'
import { ItemError } from '../../read/load-report.js'
import type { YamlNode } from '../../read/yaml-file.js'
import { detectionProblem } from '../compile/sigma-problem.js'
import { itemKey } from './detection-node.js'
import type { DetectionItem, DetectionNode, WrittenValue } from './detection-node.js'

/** Deepest nesting of lists. */
const MAX_DEPTH = 20

/** Never throws: a mistake is a node of its own. */
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
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', `key '${repeated.key}' stands twice in the same mapping`, null, repeated.place)
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
