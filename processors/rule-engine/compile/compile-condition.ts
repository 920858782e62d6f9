// Compiles a parsed condition to the tree that evaluators use: resolves fields and checks operators and values against types.
// Reports all mistakes at once. Macros must be expanded before; a remaining macro is a mistake.
import { ConditionProblem, bindOperand, type ConditionNote } from './bind-operand.js'
import type { BoundComparison, BoundExpression, BoundOperand, Constant } from './bound-tree.js'
import { parseConstant, valueWarnings } from './constants.js'
import { familyOf, type FieldType, type TypeFamily } from '../fields/field-type.js'
import type { ComparisonCheck, Expression, Operator } from '../language/tree.js'

/** A compiled condition. `expression` is null if there are errors. */
export interface CompiledCondition {
  readonly expression: BoundExpression | null
  readonly errors: readonly ConditionNote[]
  readonly warnings: readonly ConditionNote[]
}

/**
 * Compiles a condition.
 * @param options whether the caller has reported the remaining macros
 */
export function compileCondition(tree: Expression, options: { readonly areMacrosReported?: boolean } = {}): CompiledCondition {
  const compiler = new ConditionCompiler(options.areMacrosReported ?? false)
  const expression = compiler.expression(tree)
  const isWhole = compiler.errors.length === 0 && !compiler.hasMacroLeft
  return { expression: isWhole ? expression : null, errors: compiler.errors, warnings: compiler.warnings }
}

/** Most mistakes, and most warnings, that are reported for one condition. */
const MAX_NOTES = 50

class ConditionCompiler {
  readonly errors: ConditionNote[] = []
  readonly warnings: ConditionNote[] = []
  readonly #areMacrosReported: boolean
  hasMacroLeft = false

  constructor(areMacrosReported: boolean) {
    this.#areMacrosReported = areMacrosReported
  }

  /** null if a mistake was noted. */
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
        if (!this.#areMacrosReported) this.errors.push({ message: `filter error: unexpected identifier '${tree.name}'`, place: tree.place })
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

/** A field on the right needs the type of the left side, and neither side may have a comparison of its own. */
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

// The operators that each type allows: one table per family of types, as in Falco's libs.

const EQUALITY = ['=', '==', '!=', 'in', 'intersects'] as const
const ORDER = ['<', '<=', '>', '>='] as const
const SUBTEXT = ['contains', 'startswith', 'endswith'] as const

const LEGAL: Readonly<Record<TypeFamily, ReadonlySet<Operator>>> = {
  text: new Set<Operator>([...EQUALITY, ...ORDER, ...SUBTEXT, 'icontains', 'glob', 'iglob', 'regex', 'pmatch']),
  bytes: new Set<Operator>([...EQUALITY, ...SUBTEXT, 'bcontains', 'bstartswith']),
  number: new Set<Operator>([...EQUALITY, ...ORDER]),
  bool: new Set<Operator>(EQUALITY),
  address: new Set<Operator>(EQUALITY),
  network: new Set<Operator>(EQUALITY),
}
const LEGAL_FOR_LISTS: ReadonlySet<Operator> = new Set<Operator>(['in', 'intersects'])
const TYPES_OF_LISTS: ReadonlySet<FieldType> = new Set<FieldType>(['CHARBUF', 'UINT64', 'RELTIME', 'ABSTIME', 'BOOL', 'IPADDR', 'IPNET'])

/** Raw socket ends: conditions can test whether they exist and outputs can show them, but they can't be compared. */
const INCOMPARABLE: ReadonlySet<FieldType> = new Set<FieldType>(['SOCKADDR', 'SOCKTUPLE'])

const FAMILY_WORDS: Readonly<Record<TypeFamily, string>> = {
  text: 'string filters',
  bytes: 'buffer filters',
  number: 'numeric filters',
  bool: 'numeric filters',
  address: 'ip address and network filters',
  network: 'ip address and network filters',
}

/** Why the operator can't be used with the type; null if it can. */
export function operatorProblem(operator: Operator, type: FieldType, isList: boolean): string | null {
  const shown = operator === '==' ? '=' : operator
  if (isList) {
    if (!TYPES_OF_LISTS.has(type)) return `list filters are not supported for type '${type}'`
    return LEGAL_FOR_LISTS.has(operator) ? null : `'${shown}' operator not supported list filters`
  }
  if (INCOMPARABLE.has(type)) return `'${shown}' operator not supported for type '${type}'`
  const family = familyOf(type)
  return LEGAL[family].has(operator) ? null : `'${shown}' operator not supported for ${FAMILY_WORDS[family]}`
}
