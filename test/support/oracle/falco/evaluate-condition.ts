// The verdict of a condition on an event, computed from the tree: every check is evaluated each time, in the written order.
// A field that can't be extracted makes a check false, whatever the operator; an unknown one makes it unknown.
import { type Verdict, all, opposite, some } from '../kleene.js'
import { holdsBetween, holdsFor } from './compare.js'
import type { Check, Condition } from './condition.js'
import { type OracleEvent, type Scalar, OPEN } from './oracle-event.js'
import { type OperandValue, valueOf } from './transform.js'

/** @throws TypeError for a macro: macros are expanded before */
export function evaluate(condition: Condition, event: OracleEvent): Verdict {
  switch (condition.kind) {
    case 'and':
      return all(condition.terms.map((term) => evaluate(term, event)))
    case 'or':
      return some(condition.terms.map((term) => evaluate(term, event)))
    case 'not':
      return opposite(evaluate(condition.term, event))
    case 'macro':
      throw new TypeError(`macro ${condition.name} is not put in`)
    case 'check':
      return evaluateCheck(condition, event)
  }
}

function evaluateCheck(check: Check, event: OracleEvent): Verdict {
  const left = valueOf(check.left, event)
  if (left.value === undefined) return false
  if (check.operator === 'exists') return left.value === OPEN ? null : true
  if (check.right.kind === 'texts') {
    const { texts } = check.right
    return left.value === OPEN ? null : holdsForTexts(check, left, left.value, texts)
  }
  const right = valueOf(check.right, event)
  if (right.value === undefined) return false
  if (left.value === OPEN || right.value === OPEN) return null
  return holdsForOperand(check, left, left.value, [right.value].flat())
}

type Present = Scalar | readonly Scalar[]

function holdsForTexts(
  { operator, modifier }: Check,
  { family, plurality }: OperandValue,
  value: Present,
  texts: readonly string[],
): boolean {
  const members = [value].flat()
  const isOneOf = (member: Scalar): boolean => texts.some((text) => holdsFor(member, operator, text, family))
  const ofModifier = (holds: (text: string) => boolean): boolean => {
    const count = texts.filter(holds).length
    if (modifier === 'oneof') return count === 1
    return modifier === 'allof' ? count === texts.length : count > 0
  }
  switch (plurality) {
    case 'list':
      return operator === 'in' ? members.every(isOneOf) : members.some(isOneOf)
    case 'sides': {
      const ofSides = (text: string): boolean => {
        const verdicts = members.map((member) => holdsFor(member, operator, text, family))
        return operator === '!=' ? !verdicts.includes(false) : verdicts.includes(true)
      }
      return ofModifier(ofSides)
    }
    case 'any':
    case 'one':
      return members.some((member) => ofModifier((text) => holdsFor(member, operator, text, family)))
  }
}

function holdsForOperand({ operator }: Check, { family, plurality }: OperandValue, value: Present, others: readonly Scalar[]): boolean {
  const isOneOf = (member: Scalar): boolean => others.some((other) => holdsBetween(member, operator, other, family))
  const members = [value].flat()
  return plurality === 'list' && operator === 'in' ? members.every(isOneOf) : members.some(isOneOf)
}
