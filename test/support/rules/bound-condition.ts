// A condition as the evaluators receive it.
import assert from 'node:assert/strict'
import type { BoundExpression } from '../../../processors/rule-engine/compile/bound-tree.js'
import { compileCondition } from '../../../processors/rule-engine/compile/compile-condition.js'
import { parseCondition } from '../../../processors/rule-engine/language/parser.js'

/** @param text a condition without mistakes */
export function boundCondition(text: string): BoundExpression {
  const { expression, errors } = compileCondition(parseCondition(text))
  return expression ?? assert.fail(`${text}: ${errors.map(({ message }) => message).join('; ')}`)
}
