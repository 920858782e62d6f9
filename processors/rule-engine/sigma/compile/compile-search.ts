// A search of a rule (what stands behind a name below `detection`) to a term. Maps join with and, lists with or; a bare text is a keyword.
import type { FilePlace } from '../../compiled-rule.js'
import type { YamlNode } from '../../read/yaml-file.js'
import { refuseRepeatedKeys } from '../read/document-reader.js'
import { compileField } from './compile-field.js'
import type { CompileScope } from './compile-scope.js'
import { detectionProblem } from './sigma-problem.js'
import { allTerms, anyTerm } from './term.js'
import type { Term } from './term.js'

/** Deepest nesting of lists. */
const MAX_DEPTH = 20

/** @throws ItemError */
export function compileSearch(name: string, node: YamlNode, scope: CompileScope, depth = 0): Term {
  if (depth > MAX_DEPTH) throw detectionProblem(`search '${name}' is nested deeper than ${String(MAX_DEPTH)}`, node.place)
  switch (node.kind) {
    case 'map':
      return compileMap(name, node, scope)
    case 'sequence':
      if (node.items.length === 0) throw emptySearch(name, node.place)
      return anyTerm(node.items.map((item) => compileSearch(name, item, scope, depth + 1)))
    case 'scalar':
      return compileField('', node.place, node, scope)
    case 'null':
      throw emptySearch(name, node.place)
  }
}

function compileMap(name: string, node: YamlNode, scope: CompileScope): Term {
  if (node.entries.size === 0) throw emptySearch(name, node.place)
  refuseRepeatedKeys(node)
  return allTerms([...node.entries].map(([key, { keyPlace, value }]) => compileField(key, keyPlace, value, scope)))
}

function emptySearch(name: string, place: FilePlace): Error {
  return detectionProblem(`search '${name}' is empty`, place)
}
