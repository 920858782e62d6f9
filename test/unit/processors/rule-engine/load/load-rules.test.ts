// A bad rule never hurts another: what a mistake keeps out of the set, and what it does not.
import assert from 'node:assert/strict'
import { loadRules, type LoadResult } from '../../../../../processors/rule-engine/load/load-rules.js'

const TAIL = '  desc: d\n  output: o\n  priority: INFO\n'
const rule = (name: string, condition = 'evt.type=open'): string => `- rule: ${name}\n  condition: ${condition}\n${TAIL}`
const load = (...texts: string[]): LoadResult => loadRules(texts.map((text, index) => ({ name: `f${String(index)}.yaml`, text })))

/** Names in force, and names kept out with the line of the mistake. */
function outcome({ ruleSet }: LoadResult): { inForce: string[]; excluded: string[] } {
  return {
    inForce: ruleSet.rules.map(({ name }) => name),
    excluded: ruleSet.quarantined.map(({ name, error }) => `${name} ${error.place.file}:${String(error.place.line)}`),
  }
}
const inForce = (...texts: string[]): string[] => outcome(load(...texts)).inForce
const excluded = (...texts: string[]): string[] => outcome(load(...texts)).excluded

describe('a mistake in a rule', () => {
  const MISTAKES: readonly (readonly [what: string, text: string])[] = [
    ['of its grammar', rule('bad', 'evt.type=open and (')],
    ['of a field', rule('bad', 'proc.nmae=x')],
    ['of a value', rule('bad', 'evt.type=opne')],
    ['of its output', rule('bad').replace('output: o', 'output: "%proc.nmae"')],
    ['of its priority', rule('bad').replace('INFO', 'LOUD')],
    ['of its form', '- rule: bad\n  condition: evt.type=open\n'],
    ['of an exception', `${rule('bad')}  exceptions:\n    - name: e\n      fields: [proc.nmae]\n`],
    ['of a macro that is not there', rule('bad', 'evt.type=open and nothing')],
  ]
  for (const [what, text] of MISTAKES) {
    it(`${what} keeps that rule out and no other`, () => {
      const { inForce: names, excluded: out } = outcome(load(rule('before'), text, rule('after')))
      assert.deepEqual(names, ['before', 'after'])
      assert.equal(out.length, 1)
      assert.match(out[0] ?? '', /^bad f1\.yaml:/)
    })
  }
  it('of Sigma keeps that document out and no other', () => {
    const sigma = (title: string, field: string): string =>
      `title: ${title}\nlogsource: {category: process_creation, product: linux}\ndetection: {s: {${field}: x}, condition: s}\n`
    const result = load([sigma('good', 'Image'), sigma('bad', 'Image|contians'), sigma('also good', 'Image')].join('---\n'), rule('falco'))
    assert.deepEqual(outcome(result).inForce, ['falco', 'good', 'also good'])
    assert.deepEqual(
      result.ruleSet.quarantined.map(({ kind, name }) => [kind, name]),
      [['rule', 'bad']],
    )
  })
  it('is fixed by a complete definition after it, in the position of the first', () => {
    assert.deepEqual(inForce(rule('a', 'x=('), rule('b'), rule('a')), ['a', 'b'])
    const readAgain = load(rule('a').replace('INFO', 'LOUD'), rule('b'), rule('a'))
    assert.deepEqual(outcome(readAgain), { inForce: ['a', 'b'], excluded: [] })
    assert.equal(readAgain.errors.length, 1)
  })
})

describe('a change that fails', () => {
  const CHANGES: readonly (readonly [what: string, text: string])[] = [
    ['an append', '- rule: r\n  condition: and (\n  append: true\n'],
    ['an override', '- rule: r\n  condition: and proc.name=b\n  priority: LOUD\n  override: {condition: append, priority: replace}\n'],
    ['an override with a key too many', '- rule: r\n  tags: [a]\n  desc: d\n  override: {tags: append}\n'],
    ['exceptions without a place', '- rule: r\n  exceptions:\n    - name: e\n      values: [[x]]\n  override: {exceptions: append}\n'],
    ['a switch', '- rule: r\n  enabled: perhaps\n'],
    ['a new definition', rule('r', 'evt.type=open').replace('priority: INFO', 'priority: LOUD')],
    ['a definition with another source', `${rule('r')}  source: k8s_audit\n`],
  ]
  for (const [what, text] of CHANGES) {
    it(`(${what}) keeps its rule out: it is neither what it was nor what it should be`, () => {
      const { inForce: names, excluded: out } = outcome(load(rule('r'), rule('other'), text))
      assert.deepEqual(names, ['other'])
      assert.match(out.join(), /^r f/)
    })
  }
  it('is not reported again for the changes after it', () => {
    const result = load(
      rule('r'),
      '- rule: r\n  enabled: perhaps\n',
      '- rule: r\n  condition: and proc.name=x\n  override: {condition: append}\n',
    )
    assert.equal(result.errors.length, 1)
    assert.deepEqual(outcome(result), { inForce: [], excluded: ['r f1.yaml:2'] })
  })
  it('of a rule that is not there is a mistake that keeps nothing else out', () => {
    const result = load(rule('r'), '- rule: none\n  condition: and x\n  append: true\n')
    assert.deepEqual(outcome(result).inForce, ['r'])
    assert.equal(result.errors.length, 1)
  })
})

describe('a broken macro', () => {
  const users = rule('user', 'evt.type=open and m') + rule('free')
  it('keeps out every rule that uses it, also through others, by its own mistake', () => {
    const through = '- macro: n\n  condition: m or proc.name=y\n'
    assert.deepEqual(excluded('- macro: m\n  condition: "("\n', through, users, rule('deep', 'evt.type=open and n')), [
      'user f0.yaml:2',
      'deep f0.yaml:2',
    ])
    assert.deepEqual(inForce('- macro: m\n  condition: "("\n', through, users), ['free'])
  })
  it('with a field that does not exist keeps out the rules that use it', () => {
    assert.deepEqual(excluded('- macro: m\n  condition: proc.nmae=x\n', users, rule('second', 'evt.type=creat and m')), [
      'user f0.yaml:2',
      'second f0.yaml:2',
    ])
  })
  it('that is a loop, or names what is not there, keeps out the rules that use it', () => {
    const loop = '- macro: m\n  condition: proc.name=x\n- macro: m\n  condition: m or proc.name=y\n'
    assert.deepEqual(outcome(load(loop, users)).inForce, ['free'])
    assert.deepEqual(excluded('- macro: m\n  condition: nothing\n', users), ['user f0.yaml:2'])
  })
  it('does not fall back to the definition before it', () => {
    assert.deepEqual(inForce('- macro: m\n  condition: proc.name=x\n', '- macro: m\n  condition:\n', users), ['free'])
    assert.deepEqual(inForce('- macro: m\n  condition: proc.name=x\n', '- macro: m\n  condition: or (\n  append: true\n', users), ['free'])
  })
  it('is not fixed by an append, but by a complete definition', () => {
    const broken = '- macro: m\n  condition: proc.name=x\n- macro: m\n  condition:\n'
    const append = '- macro: m\n  condition: or proc.name=y\n  append: true\n'
    assert.equal(load(broken, append, users).errors.length, 1)
    assert.deepEqual(inForce(broken, append, users), ['free'])
    assert.deepEqual(inForce(broken, '- macro: m\n  condition: proc.name=z\n', users), ['user', 'free'])
  })
})

describe('a broken list', () => {
  const broken = '- list: l\n  items: x\n'
  const users = rule('user', 'evt.type=open and proc.name in (l)') + rule('free', 'evt.type=open and proc.name in (l_not)')
  it('keeps out every rule and macro that names it: its name is no value', () => {
    assert.deepEqual(outcome(load(broken, users)), { inForce: ['free'], excluded: ['user f0.yaml:2'] })
    assert.deepEqual(excluded(broken, '- macro: m\n  condition: proc.name in (a, l)\n', rule('deep', 'evt.type=open and m')), [
      'deep f0.yaml:2',
    ])
  })
  it('keeps out what names it through another list', () => {
    assert.deepEqual(excluded(broken, '- list: k\n  items: [l, b]\n', rule('user', 'evt.type=open and proc.name in (k)')), [
      'user f0.yaml:2',
    ])
  })
  it('does not fall back to the definition before it', () => {
    assert.deepEqual(inForce('- list: l\n  items: [a]\n', broken, users), ['free'])
    assert.deepEqual(inForce('- list: l\n  items: [a]\n', '- list: l\n  items: [[b]]\n  append: true\n', users), ['free'])
  })
})

describe('a file', () => {
  it('that is no YAML is kept out whole, and the others go on', () => {
    const result = load(rule('one'), '- rule: [', rule('two'))
    assert.deepEqual(outcome(result).inForce, ['one', 'two'])
    assert.deepEqual(
      result.ruleSet.quarantined.map(({ kind, name, error }) => [kind, name, error.code]),
      [['file', 'f1.yaml', 'LOAD_ERR_YAML_PARSE']],
    )
  })
  it('for a newer engine is kept out whole, in all its documents: what it means by a rule is not known here', () => {
    const file = `- required_engine_version: 99.0.0\n- macro: m\n  condition: proc.name=x\n${rule('new')}---\n${rule('newer')}`
    assert.deepEqual(outcome(load(rule('old'), file, rule('user', 'evt.type=open and m'))), {
      inForce: ['old'],
      excluded: ['new f1.yaml:1', 'newer f1.yaml:1', 'user f1.yaml:1'],
    })
  })
  it('that redefines a rule for a newer engine does not leave the older one in force', () => {
    assert.deepEqual(inForce(rule('r'), `- required_engine_version: 99.0.0\n${rule('r', 'evt.type=creat')}`), [])
  })
})
