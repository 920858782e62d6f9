// A parsed condition to the tree that evaluators work on: fields found, operators and values checked against types.
// Reports all mistakes at once. Macros must have been put in before; one that is left is a mistake.
import type { Expression, ComparisonCheck } from '../language/tree.js'
import { bindOperand } from './bind-operand.js'
import type { BoundComparison, BoundExpression, BoundOperand, Constant } from './bound-tree.js'
import { ConditionProblem } from './condition-problem.js'
import type { ConditionNote } from './condition-problem.js'
import { parseConstant } from './constants.js'
import { operatorProblem } from './operator-legality.js'
import { valueWarnings } from './value-warnings.js'

/** What became of a condition. `expression` is null when there are errors. */
export interface CompiledCondition {
  readonly expression: BoundExpression | null
  readonly errors: readonly ConditionNote[]
  readonly warnings: readonly ConditionNote[]
}

/**
 * Compiles a condition.
 * @param options whether macros that are left were told already by who puts them in
 */
export function compileCondition(tree: Expression, options: { readonly areMacrosTold?: boolean } = {}): CompiledCondition {
  const compiler = new ConditionCompiler(options.areMacrosTold ?? false)
  const expression = compiler.expression(tree)
  const isWhole = compiler.errors.length === 0 && !compiler.hasMacroLeft
  return { expression: isWhole ? expression : null, errors: compiler.errors, warnings: compiler.warnings }
}

/** Most mistakes, and most doubts, that are told of one condition. */
const MAX_NOTES = 50

class ConditionCompiler {
  readonly errors: ConditionNote[] = []
  readonly warnings: ConditionNote[] = []
  readonly #areMacrosTold: boolean
  hasMacroLeft = false

  constructor(areMacrosTold: boolean) {
    this.#areMacrosTold = areMacrosTold
  }

  /** null where a mistake was noted. */
  expression(tree: Expression): BoundExpression | null {
    switch (tree.kind) {
      case 'and':
      case 'or': {
        const children = tree.children.map((child) => this.expression(child)).filter((child) => child !== null)
        return { kind: tree.kind, children }
      }
      case 'not': {
        const child = this.expression(tree.child)
        return child === null ? null : { kind: 'not', child }
      }
      case 'macro':
        this.hasMacroLeft = true
        if (!this.#areMacrosTold) this.errors.push({ message: `filter error: unexpected identifier '${tree.name}'`, place: tree.place })
        return null
      case 'exists':
        return this.#noting(() => ({ kind: 'exists', left: bindOperand(tree.left), place: tree.place }))
      case 'comparison':
        return this.#noting(() => this.#comparison(tree))
    }
  }

  #noting<T>(bind: () => T): T | null {
    try {
      return bind()
    } catch (error) {
      if (!(error instanceof ConditionProblem)) throw error
      if (this.errors.length < MAX_NOTES) this.errors.push({ message: error.message, place: error.place, unknown: error.unknown })
      return null
    }
  }

  #comparison(check: ComparisonCheck): BoundComparison {
    const left = bindOperand(check.left)
    const problem = operatorProblem(check.operator, left.type, left.plurality === 'list')
    if (problem !== null) throw new ConditionProblem(`filter error: ${problem}`, check.place)
    if (left.kind === 'field' && left.field.definition.name === 'evt.around' && check.operator !== '=' && check.operator !== '==') {
      throw new ConditionProblem("filter error: evt.around supports only '=' comparison operator", check.place)
    }
    return {
      kind: 'comparison',
      left,
      operator: check.operator,
      modifier: check.modifier,
      right: this.#right(check, left),
      place: check.place,
    }
  }

  #right(check: ComparisonCheck, left: BoundOperand): BoundComparison['right'] {
    const { right, operator } = check
    if (right.kind === 'field' || right.kind === 'transformer') {
      const operand = bindOperand(right)
      checkRightOperand(check, left, operand)
      return operand
    }
    const texts = right.kind === 'value' ? [right.text] : right.texts
    const constants = texts.map((text): Constant => {
      if (this.warnings.length < MAX_NOTES) {
        for (const message of valueWarnings(operator, text)) this.warnings.push({ message, place: right.place })
      }
      const parsed = parseConstant(text, operator, left)
      if ('problem' in parsed) throw new ConditionProblem(parsed.problem, right.place, parsed.unknown)
      return parsed.constant
    })
    return { kind: 'constants', constants }
  }
}

/** What a field on the right must fulfil: same type as the left, and neither side of a kind that is compared in its own way. */
function checkRightOperand(check: ComparisonCheck, left: BoundOperand, right: BoundOperand): void {
  const fail = (message: string): never => {
    throw new ConditionProblem(message, check.right.place)
  }
  if (check.operator === 'pmatch' || check.operator === 'regex') fail(`operator '${check.operator}' doesn't support right-hand side fields`)
  if (left.type === 'IPNET') fail("field type 'IPNET' doesn't support right-hand side fields")
  if (left.kind === 'field' && left.field.definition.isWithoutRightSide)
    fail(`field '${nameOf(left)}' doesn't support right-hand side fields`)
  if (right.kind === 'field' && right.field.definition.isWithoutRightSide)
    fail(`field '${nameOf(right)}' can't be used as a right-hand side field`)
  const isListed = (operand: BoundOperand): boolean => operand.plurality === 'list'
  if (left.type !== right.type || isListed(left) !== isListed(right)) {
    const typeText = (operand: BoundOperand): string => `'${operand.type}${isListed(operand) ? ' (list)' : ''}'`
    fail(
      `field '${nameOf(left)}' has type ${typeText(left)} while the right-hand side field '${nameOf(right)}' has incompatible type ${typeText(right)}`,
    )
  }
}

function nameOf(operand: BoundOperand): string {
  return operand.kind === 'field' ? operand.field.key : operand.text
}
