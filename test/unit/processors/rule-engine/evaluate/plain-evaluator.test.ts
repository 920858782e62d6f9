// Rules on events: which are evaluated, which match, and which wait.
import assert from 'node:assert/strict'
import type { Evaluation } from '../../../../../processors/rule-engine/evaluate/evaluator.js'
import type { RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { createPlainEvaluator, type RuleMatching } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { type RuleSet, selectionProblem, selectRules } from '../../../../../processors/rule-engine/rule-set/rule-set.js'
import { sampleFileEvent, sampleProcessEvent } from '../../../../support/records/sample-records.js'

const rule = (name: string, condition: string, more = ''): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n${more}`

function ruleSet(...rules: string[]): RuleSet {
  const { ruleSet: set, errors } = loadRules([{ name: 'f.yaml', text: rules.join('') }])
  assert.deepEqual(errors, [])
  return set ?? assert.fail()
}

const opened: RuleEvent = {
  event: { topic: 'file', record: sampleFileEvent() },
  container: { state: 'unknown', containerId: 'f'.repeat(64) },
}
const names = (evaluation: Evaluation): { matched: string[]; waiting: string[] } => ({
  matched: evaluation.matched.map((one) => one.name),
  waiting: evaluation.waiting.map((one) => one.name),
})
const evaluate = (set: RuleSet, matching: RuleMatching, event = opened): ReturnType<typeof names> =>
  names(createPlainEvaluator(set, { matching }).evaluate(event))

const TRUE = 'evt.type=openat and proc.name=cat'
const FALSE = 'evt.type=openat and proc.name=dog'
const WAITS = 'evt.type=openat and container.image.repository=alpine'

describe('Sigma rules next to Falco rules', () => {
  const sigma = (name: string, path: string): string =>
    `title: ${name}\nlogsource: {category: file_event}\ndetection: {s: {TargetFilename: ${path}}, condition: s}\n`
  const written: RuleEvent = {
    event: { topic: 'file', record: sampleFileEvent({ path: '/tmp/x', isWrite: true, isCreated: true, flags: 0o101 }) },
    container: { state: 'host' },
  }
  const files = (...texts: string[]): RuleSet => {
    const { ruleSet: set, errors } = loadRules(texts.map((text, index) => ({ name: String(index), text })))
    assert.deepEqual(errors, [])
    return set ?? assert.fail()
  }
  it('match independently of the first Falco rule', () => {
    const set = files(sigma('s', '/tmp/x'), rule('a', TRUE), rule('b', TRUE), sigma('t', '/tmp/X'), sigma('u', '/tmp/y'))
    assert.deepEqual(evaluate(set, 'first', written), { matched: ['a', 's', 't'], waiting: [] })
    assert.deepEqual(evaluate(set, 'all', written), { matched: ['a', 'b', 's', 't'], waiting: [] })
  })
  it('neither hold a verdict nor are held by a Falco rule that waits', () => {
    const unknown: RuleEvent = { ...written, container: { state: 'unknown', containerId: null } }
    assert.deepEqual(evaluate(files(rule('w', WAITS), rule('a', TRUE), sigma('s', '/tmp/x')), 'first', unknown), {
      matched: ['s'],
      waiting: ['w'],
    })
  })
  it('are evaluated only for events of their log source', () => {
    const read: RuleEvent = { ...written, event: { topic: 'file', record: sampleFileEvent({ path: '/tmp/x', isWrite: false }) } }
    assert.deepEqual(evaluate(files(sigma('s', '/tmp/x')), 'first', read), { matched: [], waiting: [] })
  })
})

describe('with first matching', () => {
  it('only the first rule in load order matches', () => {
    assert.deepEqual(evaluate(ruleSet(rule('no', FALSE), rule('a', TRUE), rule('b', TRUE)), 'first'), { matched: ['a'], waiting: [] })
  })
  it('an earlier rule that waits holds the verdict', () => {
    assert.deepEqual(evaluate(ruleSet(rule('w', WAITS), rule('a', TRUE), rule('v', WAITS)), 'first'), { matched: [], waiting: ['w'] })
  })
  it('a later rule that waits does not', () => {
    assert.deepEqual(evaluate(ruleSet(rule('a', TRUE), rule('w', WAITS)), 'first'), { matched: ['a'], waiting: [] })
  })
})

describe('with all matching', () => {
  it('every rule matches, and every waiting rule is named', () => {
    assert.deepEqual(evaluate(ruleSet(rule('w', WAITS), rule('a', TRUE), rule('no', FALSE), rule('b', TRUE)), 'all'), {
      matched: ['a', 'b'],
      waiting: ['w'],
    })
  })
})

describe('rules', () => {
  it('are evaluated only for events of their types', () => {
    const set = ruleSet(rule('exec', 'evt.type=execve'), rule('any', 'proc.name=cat', '  warn_evttypes: false\n'))
    assert.deepEqual(evaluate(set, 'all').matched, ['any'])
    assert.deepEqual(
      evaluate(set, 'all', { event: { topic: 'process', record: sampleProcessEvent() }, container: { state: 'host' } }).matched,
      ['exec', 'any'],
    )
  })
  it('are not evaluated for processes that were already running', () => {
    const set = ruleSet(rule('any', 'proc.name=cat', '  warn_evttypes: false\n'))
    assert.deepEqual(
      evaluate(set, 'all', {
        event: { topic: 'process', record: sampleProcessEvent({ type: 'snapshot', syscall: 'UNKNOWN' }) },
        container: { state: 'host' },
      }).matched,
      [],
    )
  })
  it('that are off do not match', () => {
    assert.deepEqual(evaluate(ruleSet(rule('a', TRUE, '  enabled: false\n')), 'all').matched, [])
  })
  it('whose fields or events are not available load with the reason, and do not match', () => {
    const set = ruleSet(rule('map', 'evt.type=mmap and proc.vmsize > 1'), rule('env', 'evt.type=openat and not proc.aenv[X] = y'))
    assert.deepEqual(evaluate(set, 'all').matched, [])
    assert.deepEqual(
      set.waitingRules.map((one) => one.unavailable),
      [
        ['event types not collected yet: mmap', 'proc.vmsize: resource use of processes is not collected'],
        ['proc.aenv[X]: the environment of ancestors does not travel with an event'],
      ],
    )
  })
})

describe('a rule set', () => {
  const a = rule('a', TRUE)
  const b = rule('b', TRUE)
  it('has a hash that follows the load order, the rules, and which are on', () => {
    const hashes = [
      ruleSet(a, b),
      ruleSet(b, a),
      ruleSet(a),
      ruleSet(a, b, '- rule: b\n  enabled: false\n'),
      ruleSet(a, rule('b', FALSE)),
    ].map((set) => set.hash)
    assert.equal(new Set(hashes).size, 5)
    assert.equal(ruleSet(a, b).hash, hashes[0])
    assert.match(hashes[0] ?? '', /^[0-9a-f]{16}$/)
  })
  it('has the same version of a rule wherever its parts come from', () => {
    const direct = ruleSet(rule('r', 'evt.type=openat and proc.name in (x, y)')).rules[0]?.version
    const through = ruleSet('- list: l\n  items: [x, y]\n- macro: m\n  condition: proc.name in (l)\n', rule('r', 'evt.type=openat and m'))
      .rules[0]?.version
    assert.equal(direct, through)
  })
  it('is cut down by tags and names', () => {
    const set = ruleSet(rule('a', TRUE, '  tags: [x]\n'), rule('b', TRUE, '  tags: [y]\n  enabled: false\n'), rule('ab', TRUE))
    const active = (selection: Parameters<typeof selectRules>[1]): string[] =>
      selectRules(set, selection).activeRules.map((one) => one.name)
    assert.deepEqual(active({}), ['a', 'ab'])
    assert.deepEqual(active({ runTags: ['y'] }), ['b'])
    assert.deepEqual(active({ disableTags: ['x'] }), ['ab'])
    assert.deepEqual(active({ disableRules: ['b'] }), ['a'])
    assert.notEqual(selectionProblem({ runTags: ['x'], disableRules: ['a'] }), null)
  })
})
