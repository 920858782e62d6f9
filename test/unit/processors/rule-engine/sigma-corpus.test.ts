// The public Sigma rules for Linux, unmodified: all load, those of the log sources that records answer can fire, all others say why not.
import assert from 'node:assert/strict'
import { createPlainEvaluator } from '../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleRecord } from '../../../../processors/rule-engine/fields/rule-event.js'
import { loadRuleFiles } from '../../../../processors/rule-engine/load/rule-files.js'
import type { RuleSet } from '../../../../processors/rule-engine/rule-set/rule-set.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../support/records/sample-records.js'
import { sharedPath } from '../../../support/shared-folder.js'
import { skipWithoutCorpora } from '../../../support/runner/skip-because.js'

const exec = (args: readonly string[], result = 0): RuleRecord => ({
  topic: 'process',
  record: sampleProcessEvent({ type: 'exec', syscall: 'execve', result, process: sampleProcess({ args, exePath: args[0] ?? null }) }),
})
const open = (path: string, isWrite: boolean): RuleRecord => ({
  topic: 'file',
  record: sampleFileEvent({
    type: 'open',
    syscall: 'openat',
    path,
    pathArgument: path,
    isRead: !isWrite,
    isWrite,
    isCreated: false,
    flags: isWrite ? 1 : 0,
  }),
})

describe('the public Sigma rules for Linux', () => {
  let ruleSet: RuleSet
  before(function () {
    const folder = sharedPath('corpora', 'sigma')
    if (folder === null) return skipWithoutCorpora(this)
    const loaded = loadRuleFiles([folder])
    assert.deepEqual(loaded.errors, [])
    ruleSet = loaded.ruleSet
  })

  it('load, all 248, with author or reference', () => {
    assert.equal(ruleSet.rules.length, 248)
    for (const { id, name, author, references, level } of ruleSet.rules) {
      assert.match(id, /^[0-9a-f-]{36}$/, name)
      assert.ok(author !== null || references.length > 0, name)
      assert.notEqual(level, null, name)
    }
  })
  it('can fire, all over starts of processes, files and connections, 51 of 54 over auditd, and all others say why not', () => {
    const active = (word: string): number => ruleSet.activeRules.filter(({ source }) => source.includes(word)).length
    assert.equal(active('process_creation'), 144)
    assert.equal(active('file_event'), 18)
    assert.equal(active('network_connection'), 5)
    assert.equal(active('auditd'), 51)
    const reasons = new Map<string, number>()
    for (const { unavailable } of ruleSet.waitingRules) {
      const reason = unavailable.join(' and ')
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    assert.deepEqual(
      [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)),
      [
        ['key: the rules of auditd on a host set it, and no such rules apply here', 2],
        ['logs of any service are not read', 16],
        ['the log of auth is not read', 1],
        ['the log of clamav is not read', 1],
        ['the log of cron is not read', 1],
        ['the log of guacamole is not read', 1],
        ['the log of sshd is not read', 3],
        ['the log of sudo is not read', 1],
        ['the log of syslog is not read', 2],
        ['the log of vsftpd is not read', 1],
        ['unit: no record has it and no event has an audit record of type SERVICE_STOP', 1],
      ],
    )
    assert.equal(ruleSet.activeRules.length, 218)
  })

  const fired = (event: RuleRecord): string[] =>
    createPlainEvaluator(ruleSet)
      .evaluate({ event, container: { state: 'host' } })
      .matched.map(({ name }) => name)
  it('fire for a process that was started, and not for one that was refused', () => {
    assert.ok(fired(exec(['/usr/bin/pkill', '-9', 'sshd'])).includes('Terminate Linux Process Via Kill'))
    assert.deepEqual(fired(exec(['/usr/bin/pkill', '-9', 'sshd'], -13)), [])
  })
  it('fire for a file that was written, and not for one that was read', () => {
    assert.ok(fired(open('/etc/cron.d/x', true)).length > 0)
    assert.deepEqual(fired(open('/etc/cron.d/x', false)), [])
  })
})
