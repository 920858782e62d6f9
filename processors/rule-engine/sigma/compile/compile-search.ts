// A search of a rule to a term.
import type { DetectionNode } from '../detection/detection-node.js'
import { compileItem } from './compile-field.js'
import type { CompileScope } from './compile-scope.js'
import { allTerms, anyTerm } from './term.js'
import type { Term } from './term.js'

/** @returns null where nothing is left to ask. @throws ItemError */
export function compileSearch(node: DetectionNode, scope: CompileScope): Term | null {
  switch (node.kind) {
    case 'item':
      return compileItem(node, scope)
    case 'dropped':
      return null
    case 'broken':
      throw node.error
    case 'all':
    case 'any': {
      const terms = node.children.map((child) => compileSearch(child, scope)).filter((term) => term !== null)
      if (terms.length === 0) return null
      return node.kind === 'all' ? allTerms(terms) : anyTerm(terms)
    }
  }
}
