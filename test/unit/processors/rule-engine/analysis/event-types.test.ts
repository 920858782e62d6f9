// The index in front of rules: for which event types a condition may hold.
import assert from 'node:assert/strict'
import {
  collectedTypesOf,
  eventTypesOf,
  isNever,
  numberedEventTypesOf,
  settleEventType,
} from '../../../../../processors/rule-engine/analysis/event-types.js'
import type { BoundCheck, BoundExpression } from '../../../../../processors/rule-engine/compile/bound-tree.js'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { COLLECTED_EVENT_TYPES } from '../../../../../processors/rule-engine/fields/record/event-type.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

function types(text: string, typesOf = eventTypesOf): readonly string[] | null {
  const { expression } = compileCondition(parseCondition(text))
  assert.ok(expression !== null)
  return typesOf(expression)
}

describe('event types of a condition', () => {
  const CASES: readonly (readonly [condition: string, types: readonly string[] | null])[] = [
    ['evt.type = execve', ['execve']],
    ['evt.type in (open, openat) and proc.name = x', ['open', 'openat']],
    ['evt.type = open or evt.type = execve', ['execve', 'open']],
    ['evt.type = open and evt.type = execve', []],
    ['proc.name = x', null],
    ['evt.type = open or proc.name = x', null],
    ['not evt.type = open', null],
    ['not evt.type != open', ['open']],
    ['evt.type in (open, connect) and not evt.type = connect', ['open']],
    ['not (not evt.type = open or proc.name = x)', ['open']],
    ['not (evt.type = open and proc.name = x)', null],
    ['evt.type startswith open', null],
    ['syscall.type = open', ['open']],
    // Of some events it is absent: then neither check holds, and neither has another type.
    ['not syscall.type != open', null],
  ]
  for (const [condition, expected] of CASES) it(`${condition}: ${String(expected)}`, () => assert.deepEqual(types(condition), expected))

  it('of the collected ones are all but those that are excluded', () => {
    const { expression } = compileCondition(parseCondition('not evt.type in (open, openat)'))
    assert.ok(expression !== null)
    assert.deepEqual(
      collectedTypesOf(expression),
      COLLECTED_EVENT_TYPES.filter((type) => type !== 'open' && type !== 'openat'),
    )
  })
})

describe('event types of a condition that asks for what may be absent', () => {
  it('not syscall.type = open: all of the collected ones', () => {
    const { expression } = compileCondition(parseCondition('not syscall.type = open'))
    assert.ok(expression !== null)
    assert.deepEqual(collectedTypesOf(expression), COLLECTED_EVENT_TYPES)
  })
})

describe('event types of a condition, for events that are numbered from 1 on', () => {
  // As libs' ppm_codes.cpp has it (evaluate_field_invariant).
  const NONE = [
    ...[
      'evt.num = 0',
      'evt.num == 0',
      'evt.num < 1',
      'evt.num < 0',
      'evt.num <= 0',
      'evt.num in (0)',
      'evt.num in (0, 0x0)',
      'evt.num in ()',
    ],
    ...['not evt.num != 0', 'not evt.num > 0', 'not evt.num >= 1', 'not evt.num >= 0', 'evt.type = open and evt.num = 0'],
  ]
  for (const condition of NONE) it(`${condition}: none`, () => assert.deepEqual(types(condition, numberedEventTypesOf), []))

  const ALL = [
    'evt.num = 1',
    'evt.num = -1',
    'evt.num < 2',
    'evt.num <= 1',
    'evt.num in (0, 1)',
    'evt.num > 0',
    'not evt.num = 0',
    'evt.num exists',
  ]
  for (const condition of ALL) it(`${condition}: all`, () => assert.equal(types(condition, numberedEventTypesOf), null))

  it('evt.type = open or evt.num = 0: open', () =>
    assert.deepEqual(types('evt.type = open or evt.num = 0', numberedEventTypesOf), ['open']))

  it('is not what rules are found by: a map of fields may hold any number', () => assert.equal(types('evt.num = 0'), null))
})

// Conditions for events of one type: what is settled, and what stays.

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
