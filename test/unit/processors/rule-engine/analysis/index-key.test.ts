// The key of the index: for which names of processes a rule can hold.
import assert from 'node:assert/strict'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { indexKeyOf } from '../../../../../processors/rule-engine/analysis/index-key.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'

function falcoNames(text: string): readonly string[] | null {
  const { expression } = compileCondition(parseCondition(text))
  assert.ok(expression !== null, text)
  return indexKeyOf({ condition: expression })?.names ?? null
}

function sigmaKey(search: string, condition = 's'): { field: string; names: readonly string[] } | null {
  const text = `title: t\nlogsource: {category: process_creation, product: linux}\ndetection:\n  s: ${search}\n  f: {Image|endswith: /f}\n  condition: ${condition}\n`
  const { ruleSet, errors } = loadRules([{ name: 's.yml', text }])
  assert.deepEqual(errors, [])
  const key = ruleSet.rules[0] === undefined ? null : indexKeyOf(ruleSet.rules[0])
  return key === null ? null : { field: key.field, names: key.names }
}

describe('the key of a Falco rule', () => {
  const CASES: readonly (readonly [condition: string, names: readonly string[] | null])[] = [
    ['proc.name = a', ['a']],
    ['proc.name in (b, a)', ['a', 'b']],
    ['proc.name = anyof (a, b)', ['a', 'b']],
    ['evt.type = open and proc.name in (a, b) and fd.name = x', ['a', 'b']],
    ['proc.name = a or proc.name = b', ['a', 'b']],
    ['proc.name in (a, b) and proc.name in (b, c)', ['b']],
    ['proc.name in (a, b) and not proc.name = a', ['b']],
    ['not (proc.name != a or fd.name = x)', ['a']],
    ['proc.name = a and container.name = x', ['a']],
    ['proc.name = a or fd.name = x', null],
    ['proc.name != a', null],
    ['not proc.name = a', null],
    ['proc.name startswith a', null],
    ['proc.pname = a', null],
    ['tolower(proc.name) = a', null],
    ['fd.name = x', null],
    ['not proc.name = oneof (a, b)', null],
    ['proc.names in (a, b)', ['a', 'b']],
    ['proc.names in (a, b) and proc.names = c', ['c']],
    ['proc.names in (a, b) and not proc.names = a', ['a', 'b']],
    ['proc.names = a or proc.names in (b, c)', ['a', 'b', 'c']],
    ['proc.names = a or fd.name = x', null],
    ['not proc.names = a', null],
    ['proc.names startswith a', null],
    ['proc.name = val(proc.pname)', null],
  ]
  for (const [condition, names] of CASES) {
    it(`${condition}: ${names === null ? 'none' : names.join(', ')}`, () => assert.deepEqual(falcoNames(condition), names))
  }
  it('is none beyond 500 names, so that the work to find it is bounded', () => {
    const names = Array.from({ length: 501 }, (_, index) => `n${String(index)}`)
    assert.equal(falcoNames(`proc.name in (${names.slice(1).join(', ')})`)?.length, 500)
    assert.equal(falcoNames(`proc.name in (${names.join(', ')})`), null)
    assert.equal(falcoNames(names.map((name) => `proc.name = ${name}`).join(' or ')), null)
  })
})

describe('the key of a Sigma rule', () => {
  it('is the part after the last slash of Image, without case', () => {
    assert.deepEqual(sigmaKey('{Image|endswith: [/NC, /usr/bin/Ncat], CommandLine|contains: x}'), { field: 'Image', names: ['nc', 'ncat'] })
    assert.deepEqual(sigmaKey('{Image: /bin/sh}'), { field: 'Image', names: ['sh'] })
  })
  it('is none where an end of Image may be a part of a name, or another field is enough', () => {
    assert.equal(sigmaKey('{Image|endswith: nc}'), null)
    assert.equal(sigmaKey('{Image|contains: /nc}'), null)
    assert.equal(sigmaKey('{CommandLine|contains: x}'), null)
    assert.equal(sigmaKey('{CommandLine|contains: x}', 's or f'), null)
  })
  it('is no name that the rule only excludes', () => {
    assert.equal(sigmaKey('{CommandLine|contains: x}', 's and not f'), null)
    assert.deepEqual(sigmaKey('{Image|endswith: /nc}', 's and not f')?.names, ['nc'])
  })
})
