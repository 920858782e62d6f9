// What a condition means, apart from how it is written: order and repeats within and/or, and groups within groups of their kind, say nothing.
import type { Expression } from '../../../processors/rule-engine/language/tree.js'
import { printCondition } from '../../../processors/rule-engine/language/printer.js'

/** A text that is the same for two conditions that differ only in such ways. */
export function meaningOf(tree: Expression): string {
  return printCondition(normal(tree), 'parseable')
}

/** A condition as lines, one check each, so that a difference shows as the checks that differ. */
export function linesOf(tree: Expression, depth = 0): string[] {
  const indent = '  '.repeat(depth)
  switch (tree.kind) {
    case 'and':
    case 'or': {
      const name = tree.kind === 'and' ? 'all of' : 'any of'
      return [indent + name, ...tree.children.flatMap((child) => linesOf(child, depth + 1))]
    }
    case 'not': {
      const [first = '', ...rest] = linesOf(tree.child, depth)
      return [`${indent}not ${first.slice(indent.length)}`, ...rest]
    }
    default:
      return [indent + printCondition(tree)]
  }
}

function normal(tree: Expression): Expression {
  switch (tree.kind) {
    case 'and':
    case 'or': {
      const children = tree.children.map(normal).flatMap((child) => (child.kind === tree.kind ? child.children : [child]))
      const byText = new Map(children.map((child) => [printCondition(child, 'parseable'), child]))
      const sorted = [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? [])
      const [only] = sorted
      return only !== undefined && sorted.length === 1 ? only : { ...tree, children: sorted }
    }
    case 'not': {
      const child = normal(tree.child)
      return child.kind === 'not' ? child.child : { ...tree, child }
    }
    case 'comparison': {
      const { operator, right } = tree
      if (right.kind !== 'values' || (operator !== 'in' && operator !== 'intersects' && operator !== 'pmatch' && tree.modifier === null))
        return tree
      return { ...tree, right: { ...right, texts: [...new Set(right.texts)].sort() } }
    }
    default:
      return tree
  }
}
