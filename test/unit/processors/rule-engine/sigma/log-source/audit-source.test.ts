// One event as several records of the audit system: a rule is evaluated on each by itself, in every logic that a rule can have.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FieldMapSource } from '../../../../../../processors/rule-engine/evaluate/field-map.js'
import { createPlainEvaluator } from '../../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { prepareExpression } from '../../../../../../processors/rule-engine/evaluate/prepare.js'
import { RecordSource } from '../../../../../../processors/rule-engine/fields/field-source.js'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import { fillTemplate } from '../../../../../../processors/rule-engine/output/fill-template.js'
import type { CompiledRule } from '../../../../../../processors/rule-engine/rule-set/compiled-rule.js'
import { sampleKernelEvent } from '../../../../../support/records/sample-kernel-event.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../../support/records/sample-records.js'

function ruleOf(detection: string): CompiledRule {
  const text = `title: t\nlogsource: {product: linux, service: auditd}\ndetection: ${detection}\n`
  const { ruleSet, errors } = loadRules([{ name: 'r.yml', text }], { language: 'sigma' })
  const [rule] = ruleSet.rules
  assert.ok(rule !== undefined, errors.map(({ message }) => message).join('\n'))
  return rule
}
function fires(detection: string, event: RuleRecord): boolean {
  const text = `title: t\nlogsource: {product: linux, service: auditd}\ndetection: ${detection}\n`
  const { ruleSet } = loadRules([{ name: 'r.yml', text }], { language: 'sigma' })
  return createPlainEvaluator(ruleSet).evaluate({ event, container: { state: 'host' } }).matched.length > 0
}

const process = sampleProcess({ args: ['ls', '-l'], exePath: '/bin/ls', name: 'ls', euid: 7, tty: 0x8801, loginUid: null })
const EXEC: RuleRecord = { topic: 'process', record: sampleProcessEvent({ process }) }
const REFUSED: RuleRecord = {
  topic: 'process',
  record: sampleProcessEvent({ process, result: -2, filename: '/bin/none', attemptedArgs: ['none'] }),
}
const OPEN: RuleRecord = { topic: 'file', record: sampleFileEvent({ process, path: '/etc/x/y' }) }
const CREATED: RuleRecord = {
  topic: 'file',
  record: sampleFileEvent({ process, path: '/etc/x/y', isWrite: true, isCreate: true, isCreated: true, flags: 0o101 }),
}
const MOVE: RuleRecord = {
  topic: 'file',
  record: sampleFileEvent({ process, type: 'rename', syscall: 'rename', path: '/a/old', newPath: '/b/new', result: 0 }),
}
const SYSLOG: RuleRecord = { topic: 'kernel', record: sampleKernelEvent({ type: 'call', syscall: 'syslog', arguments: ['5'], process }) }

const CASES: readonly (readonly [detection: string, event: RuleRecord, expected: boolean, why: string])[] = [
  ['{s: {a0: ls, name: /bin/ls}, condition: s}', EXEC, false, 'fields of two records'],
  ['{a: {a0: ls}, b: {name: /bin/ls}, condition: a and b}', EXEC, false, 'searches for two records'],
  ['{a: {a0: ls}, b: {name: /bin/ls}, condition: a or b}', EXEC, true, 'searches for one of two records'],
  ['{a: {type: EXECVE}, b: {a0: cat}, condition: a and not b}', EXEC, true, 'a record without what is excluded'],
  ['{a: {type: EXECVE}, b: {a0: ls}, condition: a and not b}', EXEC, false, 'a record with what is excluded'],
  ['{b: {a0: ls}, condition: not b}', EXEC, true, 'another record of the same event, as on lines of a log'],
  ['{a: {type: EXECVE}, b: {a0: ls}, condition: not b and a}', OPEN, false, 'a record that the event does not have'],
  ['{a: {type: EXECVE}, condition: not a}', OPEN, true, 'the record of its path'],
  ['{s: {type: [EXECVE, PATH], a0: ls}, condition: s}', EXEC, true, 'one of some types'],
  ['{s: {type: EXECVE}, condition: s}', EXEC, true, 'a type alone'],
  ['{s: {type: EXECVE}, condition: s}', REFUSED, false, 'arguments of a program that was refused'],
  ['{s: {type: SYSCALL, success: no, exit: -2}, condition: s}', REFUSED, true, 'the call that was refused'],
  ['{s: {type: PATH, name: /bin/none, nametype: UNKNOWN}, condition: s}', REFUSED, true, 'a program that is not there'],
  ['{s: {type: SYSCALL, comm: ls}, condition: s}', OPEN, false, 'a call that the rule does not name'],
  ['{s: {type: SYSCALL, comm: ls, SYSCALL: openat}, condition: s}', OPEN, true, 'a call that it names'],
  ['{s: {type: SYSCALL, syscall: 257}, condition: s}', OPEN, true, 'a call by its number'],
  ['{s: {type: SYSCALL, syscall: openat}, condition: s}', OPEN, true, 'a call by its name in the field of numbers'],
  ['{s: {type: SYSCALL, euid: 7, auid: 4294967295, tty: pts1}, condition: s}', EXEC, true, 'who made it'],
  ['{s: {type: SYSCALL, AUID: unset}, condition: s}', EXEC, true, 'nobody who logged in'],
  ['{a: {type: SYSCALL, SYSCALL: syslog}, b: {type: EXECVE}, condition: a or b}', SYSLOG, true, 'a call next to another type'],
  ['{a: {type: SYSCALL, SYSCALL: syslog, comm: ls}, b: {type: EXECVE, a0: x}, condition: a or b}', EXEC, false, 'not the call'],
  ['{a: {type: SYSCALL, comm: ls}, b: {type: PATH, name: /none}, condition: a or b}', OPEN, false, 'not the call, asked for a path'],
  ['{s: {type: PATH, name: /etc/x/, nametype: PARENT}, condition: s}', CREATED, true, 'the folder of what was made'],
  ['{s: {type: PATH, name: /etc/x/, nametype: PARENT}, condition: s}', OPEN, false, 'the folder of what was only opened'],
  ['{s: {type: PATH, name: /etc/x/y, nametype: CREATE}, condition: s}', CREATED, true, 'what was made'],
  ['{s: {type: PATH, name: /etc/x/y, nametype: NORMAL}, condition: s}', OPEN, true, 'what was there'],
  ['{s: {type: PATH, name: /a/old, nametype: DELETE}, condition: s}', MOVE, true, 'the old name'],
  ['{s: {type: PATH, name: /b/new, nametype: CREATE}, condition: s}', MOVE, true, 'the new name'],
  ['{s: {type: PATH, name: /a/old, nametype: CREATE}, condition: s}', MOVE, false, 'the old name with what became of the new'],
  ['{s: {type: PATH, name: /b/, nametype: PARENT}, condition: s}', MOVE, true, 'the folder of the new name'],
  ["{s: {type: PATH, name: /etc/x/y, evt.is_open_write: 'true'}, condition: s}", CREATED, true, 'a field of the catalogue'],
  ["{s: {type: PATH, name: /etc/x/y, evt.is_open_write: 'true'}, condition: s}", OPEN, false, 'another value of it'],
  ["{s: {type: PROCTITLE, proctitle: 'ls -l'}, condition: s}", EXEC, true, 'the command line'],
  ["{s: ['ls -l'], condition: s}", EXEC, true, 'a keyword over two arguments'],
  ['{a: [bin], b: {type: EXECVE}, condition: a and b}', EXEC, false, 'a keyword of another record'],
]

describe('an event as audit records', () => {
  for (const [detection, event, expected, why] of CASES) {
    it(`${expected ? 'fires' : 'does not fire'} ${detection}: ${why}`, () => {
      assert.equal(fires(detection, event), expected)
    })
  }
  it('is one record where it is a map of fields', () => {
    const rule = ruleOf('{s: {type: PATH, name: /x}, condition: s}')
    const onFields = prepareExpression((rule.onFields ?? rule).condition)
    assert.equal(onFields(new FieldMapSource({ type: 'PATH', name: '/x' })), true)
    assert.equal(onFields(new FieldMapSource({ type: 'EXECVE', name: '/x' })), false)
  })
  it('shows what it touched, with both names of a file that was moved', () => {
    const { output, outputText } = ruleOf('{s: {type: PATH, name: /b/new}, condition: s}')
    assert.equal(outputText, 't: name=%name')
    const filled = fillTemplate(output, new RecordSource({ event: MOVE, container: { state: 'host' } }))
    assert.equal(filled.output, 't: name=/a/old->/b/new')
  })
  it('is asked about only where its type may have such a record', () => {
    assert.deepEqual(ruleOf('{s: {type: EXECVE, a0: x}, condition: s}').eventTypes, ['execve', 'execveat'])
    assert.deepEqual(ruleOf('{s: {SYSCALL: [bpf, openat]}, condition: s}').eventTypes.toSorted(), ['bpf', 'openat'])
    const created = ruleOf('{s: {type: PATH, nametype: CREATE}, condition: s}').eventTypes
    assert.ok(created.includes('rename') && created.includes('openat') && !created.includes('connect'))
  })
  it('gives for any rule what a rule gives that is evaluated on each of its records alone', () => {
    const search = fc.constantFrom(
      '{type: EXECVE}',
      '{type: PATH}',
      '{type: SYSCALL}',
      '{a0: ls}',
      '{name: /bin/ls}',
      '{comm: ls}',
      '{euid: 8}',
    )
    const condition = fc.constantFrom(
      'a and b',
      'a or b',
      'a and not b',
      'not a and b',
      'not (a or b)',
      'not a or not b',
      'a and b or c',
      'not c and a',
    )
    const records = [
      { type: 'EXECVE', argc: '2', argv: 'ls -l', a0: 'ls', a1: '-l' },
      { type: 'SYSCALL', SYSCALL: 'execve', comm: 'ls', exe: '/bin/ls', euid: '7' },
      { type: 'PATH', name: '/bin/ls', nametype: 'NORMAL' },
      { type: 'PROCTITLE', proctitle: 'ls -l' },
    ]
    fc.assert(
      fc.property(search, search, search, condition, (a, b, c, joined) => {
        const rule = ruleOf(`{a: ${a}, b: ${b}, c: ${c}, condition: ${joined}}`)
        const onFields = prepareExpression((rule.onFields ?? rule).condition)
        const expected = records.some((record) => onFields(new FieldMapSource(record)) === true)
        const over = prepareExpression(rule.condition)({
          value: ({ definition, argument }) => definition.extract?.({ event: EXEC, container: { state: 'host' } }, argument),
        })
        assert.equal(over === true, expected)
      }),
      { numRuns: 300 },
    )
  })
})
