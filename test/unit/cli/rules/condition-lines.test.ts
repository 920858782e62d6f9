// Conditions as indented trees: folded lists, names of macros, hostile text, hostile depth.
import assert from 'node:assert/strict'
import { checkText, conditionLines } from '../../../../cli/rules/condition-lines.js'
import { NO_NAMES, partNames } from '../../../../processors/rule-engine/workbench/explain/condition-tree.js'
import { loadRules } from '../../../../processors/rule-engine/load/load-rules.js'
import { parseCondition } from '../../../../processors/rule-engine/language/parser.js'
import type { ComparisonCheck } from '../../../../processors/rule-engine/language/tree.js'

function check(text: string): ComparisonCheck {
  const tree = parseCondition(text)
  assert.ok(tree.kind === 'comparison')
  return tree
}
const lines = (text: string, width = 100): string[] => conditionLines(parseCondition(text), { width, names: NO_NAMES })

describe('the text of a check', () => {
  it('is what a rule writes, when that fits', () => {
    assert.equal(checkText(check('proc.name in (a, b, c, d)'), 40), 'proc.name in (a, b, c, d)')
  })
  it('folds a long list to the values that fit and the number of the others', () => {
    const text = checkText(check(`proc.name in (${Array.from({ length: 100 }, (_, index) => `name${String(index)}`).join(', ')})`), 60)
    assert.equal(text, 'proc.name in (name0, name1, name2, name3, name4, … 95 more)')
  })
  it('never folds to fewer than three values', () => {
    const text = checkText(check(`proc.name in (${['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'd'].join(', ')})`), 45)
    assert.ok(text.startsWith('proc.name in (aaaaaaaaaa, bbbbbbbbbb, cccc'), text)
  })
  it('holds no control character of a value', () => {
    assert.equal(checkText(check('proc.name = "a\\x1b[31mb"'), 80).includes('\x1b'), false)
  })
})

describe('the tree of a condition', () => {
  it('has one check a line, two blanks a level, and `not` in front of what it turns', () => {
    assert.deepEqual(lines('a.b = 1 and (c.d = 2 or not e.f exists) and not (g.h = 3 and i.j = 4)'), [
      'and',
      '  a.b = 1',
      '  or',
      '    c.d = 2',
      '    not e.f exists',
      '  not and',
      '    g.h = 3',
      '    i.j = 4',
    ])
  })
  it('does not indent without end', () => {
    const deep = `${'not (a.b = 1 and '.repeat(60)}c.d = 2${')'.repeat(60)}`
    assert.ok(Math.max(...lines(deep).map((line) => line.length)) < 60)
  })
  it('ends at two thousand lines with a note', () => {
    const shown = lines(Array.from({ length: 3000 }, (_, index) => `a.b = ${String(index)}`).join(' or '))
    assert.equal(shown.length, 2001)
    assert.match(shown.at(-1) ?? '', /left out/)
  })
})

describe('the names of parts', () => {
  const load = (text: string): ReturnType<typeof loadRules> => loadRules([{ name: 'r.yaml', text }])
  it('are those of nested macros and lists, and of the first of several equal ones', () => {
    const loaded = load(`
- list: shells
  items: [sh, bash]
- list: programs
  items: [shells, cat]
- macro: never_true
  condition: (evt.num = 0)
- macro: user_known_things
  condition: (never_true)
- macro: shell_started
  condition: evt.type = execve and proc.name in (shells)
- rule: r
  desc: d
  condition: shell_started and not user_known_things and proc.pname in (programs)
  output: o
  priority: INFO
`)
    const [rule] = loaded.ruleSet.rules
    assert.ok(rule !== undefined)
    assert.deepEqual(conditionLines(rule.tree, { width: 100, names: partNames(loaded) }), [
      'and',
      '  and  (macro shell_started)',
      '    evt.type = execve',
      '    proc.name in (sh, bash)  (list shells)',
      '  not evt.num = 0  (macro never_true)',
      '  proc.pname in (sh, bash, cat)  (list programs)',
    ])
  })
})
