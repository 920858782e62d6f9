// Conditions for events of one type: what is settled, and what stays.
import assert from 'node:assert/strict'
import type { BoundCheck, BoundExpression } from '../../../../../processors/rule-engine/compile/bound-tree.js'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { isNever, settleEventType } from '../../../../../processors/rule-engine/analysis/settle-event-type.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

function bound(text: string): BoundExpression {
  return compileCondition(parseCondition(text)).expression ?? assert.fail(text)
}
/** `evt.type = x` holds for execve alone. */
function verdictOf(check: BoundCheck): boolean | null {
  if (check.left.kind !== 'field' || check.left.field.definition.name !== 'evt.type') return null
  return check.kind === 'comparison' && check.right.kind === 'constants' && check.right.constants.includes('execve')
}
const settled = (text: string): BoundExpression => settleEventType(bound(text), verdictOf)

describe('a condition for one type of event', () => {
  it('keeps what is not about the type, node for node', () => {
    const whole = bound('proc.name = a and not fd.name = b')
    assert.equal(settleEventType(whole, verdictOf), whole)
  })
  it('loses a type that it asks for and the event has', () => {
    assert.deepEqual(shape(settled('evt.type = execve and proc.name = a')), 'proc.name')
    assert.deepEqual(shape(settled('evt.type = execve and proc.name = a and fd.name = b')), 'and(proc.name fd.name)')
    assert.deepEqual(shape(settled('proc.name = a or not evt.type = execve')), 'proc.name')
  })
  it('never holds when it asks for another type', () => {
    for (const text of [
      'evt.type = open and proc.name = a',
      'not evt.type = execve',
      '(evt.type = open or evt.type = creat) and fd.name = a',
    ])
      assert.ok(isNever(settled(text)), text)
  })
  it('always holds when the type is enough', () => {
    assert.deepEqual(settled('evt.type = execve or proc.name = a'), { kind: 'and', children: [] })
  })
})

function shape(expression: BoundExpression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `${expression.kind}(${expression.children.map(shape).join(' ')})`
    case 'not':
      return `not(${shape(expression.child)})`
    default:
      return expression.left.kind === 'field' ? expression.left.field.key : expression.left.text
  }
}
