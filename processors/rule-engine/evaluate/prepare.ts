// Turns a bound expression into a function from an event to true, false or unknown. The plain evaluator is obviously correct rather than fast:
// it is the reference for the compiled one.
import type { BoundCheck, BoundComparison, BoundExpression } from '../compile/bound-tree.js'
import { UNKNOWN, type FieldValue, type ScalarValue } from '../fields/field-value.js'
import type { FieldSource } from '../fields/field-source.js'
import { allOf, anyOf, not, type Kleene } from './kleene.js'
import { compileMatcher, type Matcher } from './matcher.js'
import { operandValue } from './transform.js'

/** Evaluates one event. */
export type PreparedExpression = (source: FieldSource) => Kleene

/** Creates the function. Work that is the same for every event is done here, once. */
export function prepareExpression(expression: BoundExpression): PreparedExpression {
  switch (expression.kind) {
    case 'and': {
      const children = expression.children.map(prepareExpression)
      return (source) => allOf(children, (child) => child(source))
    }
    case 'or': {
      const children = expression.children.map(prepareExpression)
      return (source) => anyOf(children, (child) => child(source))
    }
    case 'not': {
      const child = prepareExpression(expression.child)
      return (source) => not(child(source))
    }
    default:
      return prepareCheck(expression)
  }
}

function prepareCheck(check: BoundCheck): PreparedExpression {
  const holds = prepareDecision(check)
  return (source) => holds(operandValue(check.left, source), source)
}

/** The verdict of a check on the value of its left side. */
export type Decision = (value: FieldValue, source: FieldSource) => Kleene

/** A check is false for an absent field, whatever the operator, and unknown for a field that is not known yet. */
export function prepareDecision(check: BoundCheck): Decision {
  const holds = check.kind === 'exists' ? () => true : prepareComparison(check)
  const isSettled = check.kind === 'exists' ? () => false : rightSideIsAbsent(check)
  return (value, source) => {
    if (value === undefined) return false
    if (value === UNKNOWN) return isSettled(source) ? false : null
    return holds(value, source)
  }
}

/** If the right side is absent, the check is false for every left side. */
function rightSideIsAbsent({ right }: BoundComparison): (source: FieldSource) => boolean {
  if (right.kind === 'constants') return () => false
  return (source) => operandValue(right, source) === undefined
}

type PresentValue = Exclude<FieldValue, undefined | typeof UNKNOWN>

function prepareComparison(check: BoundComparison): (value: PresentValue, source: FieldSource) => Kleene {
  const { operator, modifier, left, right } = check
  const decide = decideByPlurality(check)
  if (right.kind === 'constants') {
    const matches = compileMatcher(operator, modifier, left.type, right.constants)
    return (value) => decide(value, matches)
  }
  return (value, source) => {
    const other = operandValue(right, source)
    if (other === undefined) return false
    if (other === UNKNOWN) return null
    return decide(value, compileMatcher(operator, modifier, left.type, typeof other === 'object' ? other : [other]))
  }
}

/** How several values of a field make one verdict. */
function decideByPlurality({ left, operator }: BoundComparison): (value: PresentValue, matches: Matcher) => boolean {
  switch (left.plurality) {
    case 'one':
      return (value, matches) => matches(value as ScalarValue)
    case 'list':
      return operator === 'in'
        ? (value, matches) => membersOf(value).every((member) => matches(member))
        : (value, matches) => membersOf(value).some((member) => matches(member))
    case 'any':
      return (value, matches) => membersOf(value).some((member) => matches(member))
    case 'sides':
      return operator === '!='
        ? (value, matches) => membersOf(value).every((member) => matches(member))
        : (value, matches) => membersOf(value).some((member) => matches(member))
  }
}

function membersOf(value: PresentValue): readonly ScalarValue[] {
  return typeof value === 'object' ? value : [value]
}
