// What engines of this language often get wrong, one test each.
import assert from 'node:assert/strict'
import { FieldMapSource, type FieldMap } from '../../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../../processors/rule-engine/evaluate/prepare.js'
import { createPlainEvaluator } from '../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { loadRules } from '../../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../../processors/rule-engine/rule-set/rule-set.js'
import { sampleProcess, sampleProcessEvent } from '../../../support/records/sample-records.js'

const rule = (condition: string, name = 'r'): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n`

function load(text: string): RuleSet {
  const { ruleSet, errors } = loadRules([{ name: 'f.yaml', text }])
  assert.deepEqual(errors, [])
  return ruleSet ?? assert.fail()
}

function holds(text: string, fields: FieldMap): boolean | null {
  const [first] = load(text).rules
  return first === undefined ? assert.fail() : prepareExpression(first.condition)(new FieldMapSource({ 'evt.type': 'execve', ...fields }))
}

const process = sampleProcess({ name: 'kube-controller', args: ['/usr/bin/kube-controller-manager', '--v=2'] })
const matched = (condition: string): boolean =>
  createPlainEvaluator(load(rule(condition))).evaluate({
    event: { topic: 'process', record: sampleProcessEvent({ process }) },
    container: { state: 'host' },
  }).matched.length > 0

describe('often got wrong', () => {
  it('a missing field makes != false too', () => {
    assert.equal(holds(rule('evt.type=execve and proc.pname != x'), {}), false)
    assert.equal(holds(rule('evt.type=execve and not proc.pname = x'), {}), true)
  })

  it('proc.cmdline begins with the command name, not with argv[0]', () => {
    assert.ok(matched('evt.type=execve and proc.cmdline = "kube-controller --v=2"'))
    assert.ok(!matched('evt.type=execve and proc.cmdline startswith /usr/bin'))
  })

  it('proc.name is cut at 15 bytes', () => {
    assert.ok(matched('evt.type=execve and proc.name = kube-controller'))
    assert.ok(!matched('evt.type=execve and proc.name startswith kube-controller-'))
  })

  it('lists are put in as text in the order in which they were loaded', () => {
    const outerFirst = `- list: outer\n  items: [inner]\n- list: inner\n  items: [cat]\n${rule('evt.type=execve and proc.name in (outer)')}`
    const innerFirst = `- list: inner\n  items: [deep]\n- list: deep\n  items: [cat]\n- list: outer\n  items: [inner]\n${rule('evt.type=execve and proc.name in (outer)')}`
    assert.equal(holds(outerFirst, { 'proc.name': 'cat' }), true)
    // `outer` was expanded one level to `deep`; the list deep was already passed, so its name stays a plain value.
    assert.equal(holds(innerFirst, { 'proc.name': 'cat' }), false)
    assert.equal(holds(innerFirst, { 'proc.name': 'deep' }), true)
  })

  it('an appended condition gets no parentheses: its and binds to the last term only', () => {
    const text = `${rule('proc.name=a or proc.name=b')}- rule: r\n  condition: and evt.type=execve\n  append: true\n`
    assert.equal(holds(text, { 'proc.name': 'a', 'evt.type': 'open' }), true)
    assert.equal(holds(text, { 'proc.name': 'b', 'evt.type': 'open' }), false)
  })

  it('fd.net = asks either side, fd.net != asks that neither is in it', () => {
    const sides = { 'fd.cip': '10.0.0.5', 'fd.sip': '93.184.216.34' }
    assert.equal(holds(rule('evt.type=execve and fd.net = 10.0.0.0/8'), sides), true)
    assert.equal(holds(rule('evt.type=execve and fd.net = 93.184.0.0/16'), sides), true)
    assert.equal(holds(rule('evt.type=execve and fd.net != 10.0.0.0/8'), sides), false)
    assert.equal(holds(rule('evt.type=execve and fd.net != 192.168.0.0/16'), sides), true)
  })

  it('pmatch compares components, not beginnings', () => {
    assert.equal(holds(rule('evt.type=execve and fd.name pmatch (/opt/dir)'), { 'fd.name': '/opt/dir2/x' }), false)
    assert.equal(holds(rule('evt.type=execve and fd.name pmatch (/opt/dir)'), { 'fd.name': '/opt/dir/x' }), true)
  })

  it('proc.aname without a number leaves the process itself out', () => {
    assert.ok(!matched('evt.type=execve and proc.aname = kube-controller'))
    assert.ok(matched('evt.type=execve and proc.aname = systemd'))
  })

  it('matching is first by default', () => {
    const set = load(rule('evt.type=execve', 'one') + rule('evt.type=execve', 'two'))
    const event = { event: { topic: 'process', record: sampleProcessEvent() }, container: { state: 'host' } } as const
    const names = (matching?: 'all'): string[] =>
      createPlainEvaluator(set, matching === undefined ? {} : { matching })
        .evaluate(event)
        .matched.map((one) => one.name)
    assert.deepEqual(names(), ['one'])
    assert.deepEqual(names('all'), ['one', 'two'])
  })
})
