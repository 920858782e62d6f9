// Alternatives that ask the same of one operand become one check.
import assert from 'node:assert/strict'
import type { BoundExpression } from '../../../../../processors/rule-engine/compile/bound-tree.js'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { mergeAlternatives } from '../../../../../processors/rule-engine/analysis/merge-alternatives.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

const bound = (text: string): BoundExpression => compileCondition(parseCondition(text)).expression ?? assert.fail(text)

function shown(expression: BoundExpression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `${expression.kind}(${expression.children.map(shown).join(' ')})`
    case 'not':
      return `not(${shown(expression.child)})`
    case 'exists':
      return 'exists'
    case 'comparison': {
      const { operator, modifier, right } = expression
      return `${operator}${modifier === null ? '' : ` ${modifier}`} ${right.kind === 'constants' ? right.constants.map(String).join(',') : 'field'}`
    }
  }
}

describe('alternatives', () => {
  const CASES: readonly (readonly [condition: string, merged: string])[] = [
    ['fd.name contains a or fd.name contains b', 'contains anyof a,b'],
    ['fd.name = a or fd.name in (b, c) or fd.name == d', 'in a,b,c,d'],
    ['fd.name endswith a or proc.name = x or fd.name endswith anyof (b, c)', 'or(endswith anyof a,b,c = x)'],
    ['not (fd.name contains a or fd.name contains b)', 'not(contains anyof a,b)'],
    ['fd.name contains a or fd.filename contains b', 'or(contains a contains b)'],
    ['fd.name != a or fd.name != b', 'or(!= a != b)'],
    ['fd.name contains allof (a, b) or fd.name contains c', 'or(contains allof a,b contains c)'],
    ['fd.name contains oneof (a, b) or fd.name contains c', 'or(contains oneof a,b contains c)'],
    ['fd.types in (a, b) or fd.types in (c)', 'or(in a,b in c)'],
    ['proc.aname[1] = a or proc.aname[2] = b', 'or(= a = b)'],
    ['proc.aname = a or proc.aname = b', 'in a,b'],
    ['fd.name contains a and fd.name contains b', 'and(contains a contains b)'],
  ]
  for (const [condition, merged] of CASES) {
    it(`of ${condition} become ${merged}`, () => assert.equal(shown(mergeAlternatives(bound(condition))), merged))
  }
  it('that have nothing in common stay the same node', () => {
    const whole = bound('fd.name contains a or (proc.name = b and not proc.pname = c)')
    assert.equal(mergeAlternatives(whole), whole)
  })
})
