// Conditions as rows of single-operand tests: which tests a rule needs, and what counts as true.
import assert from 'node:assert/strict'
import { OperandNames } from '../../../../../processors/rule-engine/compiled/operand-names.js'
import type { BoundCheck } from '../../../../../processors/rule-engine/compile/bound-tree.js'
import { MAX_ROWS, rowsOf } from '../../../../../processors/rule-engine/compiled/normal-form.js'
import { boundCondition } from '../../../../support/rules/bound-condition.js'

const shown = (check: BoundCheck): string => {
  const field = check.left.kind === 'field' ? check.left.field.key : check.left.text
  return check.kind === 'exists' ? `${field} exists` : `${field} ${check.operator}`
}

/** Rows as texts: alternatives of a requirement are separated by |, exclusions begin with !. */
function rows(...conditions: readonly string[]): string[] {
  return rowsOf(conditions.map(boundCondition), new OperandNames()).map(({ required, excluded }) =>
    [...required.map(({ anyOf }) => anyOf.map(shown).join('|')), ...excluded.map(({ check }) => `!${shown(check)}`)].join(' & '),
  )
}

describe('the normal form', () => {
  const CASES: readonly (readonly [condition: string, rows: readonly string[]])[] = [
    ['proc.name = cat and fd.name contains x', ['proc.name = & fd.name contains']],
    ['proc.name = cat or proc.name startswith c', ['proc.name =|proc.name startswith']],
    ['proc.name = cat or fd.name contains x', ['proc.name =', 'fd.name contains']],
    ['proc.name = cat and not fd.name contains x', ['proc.name = & !fd.name contains']],
    ['not (proc.name = cat or fd.num = 3)', ['!proc.name = & !fd.num =']],
    // One of several exceptions: nearly every event passes.
    ['proc.name = cat and not (fd.num = 3 and fd.name contains x)', ['proc.name =']],
    ['proc.name = cat and not (fd.num = 3 and not fd.name contains x)', ['proc.name = & !fd.num =', 'proc.name = & fd.name contains']],
    // An absent name fulfils neither.
    ['proc.name != cat', ['proc.name exists & !proc.name =']],
    ['not proc.name != cat', ['']],
    // No single field decides.
    ['proc.name = val(proc.pname)', ['']],
    ['proc.name = cat and (proc.pname = sh or proc.name = val(proc.pname))', ['proc.name =']],
  ]
  for (const [condition, expected] of CASES) {
    it(`of ${condition}`, () => assert.deepEqual(rows(condition), expected))
  }

  it('joins the conditions of a rule', () => assert.deepEqual(rows('proc.name = cat', 'fd.num = 3'), ['proc.name = & fd.num =']))

  it('stays small: what would take too many rows counts as true', () => {
    const alternatives = ['proc.name', 'proc.pname', 'proc.exepath', 'proc.cmdline', 'proc.cwd']
      .map((field) => `${field} contains x`)
      .join(' or ')
    const condition = ['fd.name = a', ...Array.from({ length: 6 }, () => `(${alternatives})`)].join(' and ')
    const found = rows(condition)
    assert.ok(found.length <= MAX_ROWS)
    assert.ok(found.every((row) => row.startsWith('fd.name =')))
  })
})
