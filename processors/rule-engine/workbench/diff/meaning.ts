// What a condition means, apart from how it is written: order and repeats within and/or, and groups within groups of their kind, say nothing.
import type { Expression } from '../../language/tree.js'
import { printCondition } from '../../language/printer.js'
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'

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

/** What a correlation asks for, a line each. */
export function correlationLines({
  type,
  members,
  groupBy,
  aliases,
  valueFields,
  percentile,
  timespan,
  thresholds,
  isGenerating,
}: CompiledCorrelation): string[] {
  const isOrdered = type === 'temporal_ordered'
  const ids = members.map(({ id }) => id)
  return [
    `type ${type}`,
    ...(isOrdered ? [`rules in the order ${ids.join(', ')}`] : [...ids].sort().map((id) => `rule ${id}`)),
    ...[...groupBy].sort().map((field) => `group by ${field}`),
    ...[...aliases].flatMap(([alias, fields]) => [...fields].map(([rule, field]) => `alias ${alias} is ${field} of ${rule}`)).sort(),
    ...[...valueFields].sort().map((field) => `values of ${field}`),
    ...(percentile === null ? [] : [`percentile ${String(percentile)}`]),
    `timespan ${timespan.text}`,
    `condition ${thresholds.map(({ operator, value }) => `${operator} ${String(value)}`).join(' and ')}`,
    ...(isGenerating ? ['its rules give alerts of their own'] : []),
  ]
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
