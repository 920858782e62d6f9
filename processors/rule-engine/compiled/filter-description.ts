// What the candidate filter makes of a rule, for people: its rows for one event type, what each test looks for, and which the bytes of a record decide.
import { settleEventType, verdictsOfType } from '../analysis/event-types.js'
import type { BoundCheck, BoundOperand } from '../compile/bound-tree.js'
import { familyOf } from '../fields/field-type.js'
import type { RuleTopic } from '../fields/rule-event.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { fromByteText } from '../text/byte-text.js'
import { fieldTestOf } from './field-test.js'
import { rowsOf } from './normal-form.js'
import { OperandNames } from './operand-names.js'
import { sourceOf } from './source-masks.js'
import { fieldOf } from './type-filter.js'

/** A test that must hold, or must not. */
export interface DescribedTest {
  /** As a condition writes it. */
  readonly operand: string
  readonly isExcluded: boolean
  /** `equal cat`, `prefix /etc`; empty for a test of a number, and for one that only needs a value. */
  readonly lookedFor: readonly string[]
  /** exact: what is found decides; necessary: the evaluator decides more; number: by classes of numbers; value: there must be one. */
  readonly kind: 'exact' | 'necessary' | 'number' | 'value'
  /** Where the bytes of a record have the value: a plan of the catalogue; null if the record is decoded for it. */
  readonly plan: string | null
  /** The text of the record in which it is searched first together with others; null for none. */
  readonly source: string | null
}

/** Alternatives of a rule: one of the lists of tests must pass, or every event does if there is one without tests. */
export type DescribedRows = readonly (readonly DescribedTest[])[]

/** @param topic of the records of the event type */
export function describeFilter({ condition, scope }: CompiledRule, eventType: string, topic: RuleTopic): DescribedRows {
  const verdict = verdictsOfType(eventType)
  const conditions = (scope === null ? [condition] : [scope, condition]).map((one) => settleEventType(one, verdict))
  return rowsOf(conditions, new OperandNames()).map(({ required, excluded }) => [
    ...required.map(({ operand, anyOf }) => describe(operand, anyOf, false, topic)),
    ...excluded.map(({ check }) => describe(check.left, [check], true, topic)),
  ])
}

function describe(operand: BoundOperand, checks: readonly BoundCheck[], isExcluded: boolean, topic: RuleTopic): DescribedTest {
  const plan = fieldOf(operand)?.definition.bytes[topic]
  const family = familyOf(operand.type)
  const place = {
    operand: operand.kind === 'field' ? operand.field.key : fromByteText(operand.text),
    isExcluded,
    plan: plan?.kind ?? null,
    source: plan === undefined || isExcluded ? null : sourceOf(plan, topic),
  }
  if (family === 'number' || family === 'bool') return { ...place, lookedFor: [], kind: 'number' }
  const tests = checks.map(fieldTestOf)
  const lookedFor = tests.flatMap(({ needles }) => needles ?? []).map(({ kind, text }) => `${kind} ${fromByteText(text)}`)
  const isExact = tests.every((test) => test.isExact)
  const isAnyValue = tests.some(({ needles }) => needles === null)
  return { ...place, lookedFor: isAnyValue ? [] : lookedFor, kind: isAnyValue ? 'value' : isExact ? 'exact' : 'necessary' }
}
