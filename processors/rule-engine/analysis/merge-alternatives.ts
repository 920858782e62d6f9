// Merges alternatives of an `or` with the same operand and operator into one check of several values: `a contains x or a contains y` becomes
// `a contains anyof (x, y)`. The verdict is the same, also for an absent or unknown value, but the operand is read once.
import type { BoundComparison, BoundExpression, BoundGroup, BoundOperand, Constant } from '../compile/bound-tree.js'

/** Returns the same node if nothing is merged. */
export function mergeAlternatives(expression: BoundExpression): BoundExpression {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const children = expression.children.map(mergeAlternatives)
      const isSame = children.every((child, index) => child === expression.children[index])
      const group = isSame ? expression : { kind: expression.kind, children }
      return group.kind === 'or' && group.children.length > 1 ? merged(group) : group
    }
    case 'not': {
      const child = mergeAlternatives(expression.child)
      return child === expression.child ? expression : { kind: 'not', child }
    }
    default:
      return expression
  }
}

interface Alternatives {
  readonly first: BoundComparison
  readonly at: number
  readonly constants: Constant[]
  count: number
}

function merged(group: BoundGroup): BoundExpression {
  const byKey = new Map<string, Alternatives>()
  const operands = new OperandNames()
  const children: BoundExpression[] = []
  for (const child of group.children) {
    const operator = child.kind === 'comparison' ? mergeable(child) : null
    if (child.kind !== 'comparison' || child.right.kind !== 'constants' || operator === null) {
      children.push(child)
      continue
    }
    const key = `${operator} ${operands.nameOf(child.left)}`
    const known = byKey.get(key)
    if (known === undefined) {
      byKey.set(key, { first: child, at: children.length, constants: [...child.right.constants], count: 1 })
      children.push(child)
    } else {
      known.constants.push(...child.right.constants)
      known.count++
    }
  }
  const several = [...byKey].filter(([, { count }]) => count > 1)
  if (several.length === 0) return group
  for (const [key, { first, at, constants }] of several) children[at] = checkOf(first, key.startsWith('in '), constants)
  const [only] = children
  return only !== undefined && children.length === 1 ? only : { kind: 'or', children }
}

function checkOf(first: BoundComparison, isMembership: boolean, constants: readonly Constant[]): BoundComparison {
  const right = { kind: 'constants', constants } as const
  return isMembership ? { ...first, operator: 'in', modifier: null, right } : { ...first, modifier: 'anyof', right }
}

const PARTS: readonly string[] = ['contains', 'startswith', 'endswith', 'regex']
const EQUAL: readonly string[] = ['=', '==', 'in']

/** The operator under which a check can be merged with others; null if it can't. */
function mergeable({ left, operator, modifier, right }: BoundComparison): string | null {
  if (right.kind !== 'constants' || right.constants.length === 0 || (left.plurality !== 'one' && left.plurality !== 'any')) return null
  if (modifier !== null && modifier !== 'anyof') return null
  if (EQUAL.includes(operator)) return 'in'
  return PARTS.includes(operator) ? operator : null
}

/** Names operands: equal operands have equal names. */
class OperandNames {
  readonly #definitions = new Map<object, number>()

  nameOf(operand: BoundOperand): string {
    if (operand.kind === 'transformer') {
      const inputs = operand.inputs.map((input) =>
        input.kind === 'field' || input.kind === 'transformer' ? this.nameOf(input) : JSON.stringify(input),
      )
      return `${operand.name} ${String(operand.selector)} ${operand.type} (${inputs.join()})`
    }
    const { definition, argument } = operand.field
    const id = this.#definitions.get(definition) ?? this.#definitions.size
    this.#definitions.set(definition, id)
    return `${String(id)} ${typeof argument} ${String(argument)} ${operand.type} ${operand.plurality}`
  }
}
