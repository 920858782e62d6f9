// The public Sigma rules for Linux, unmodified: all load, those of the log sources that records answer can fire, all others say why not.
import assert from 'node:assert/strict'
import { createPlainEvaluator } from '../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleRecord } from '../../../../processors/rule-engine/judged-event.js'
import { loadRuleFiles } from '../../../../processors/rule-engine/rule-files.js'
import type { RuleSet } from '../../../../processors/rule-engine/rule-set.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../support/records/sample-records.js'
import { sharedPath } from '../../../support/shared-folder.js'

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
    if (folder === null) {
      console.log('      skipped: no corpora/sigma in the shared folder')
      this.skip()
    }
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
  it('can fire, all 144 over starts of processes and 18 over files, and all others say why not', () => {
    const reasons = new Map<string, number>()
    for (const { unavailable } of ruleSet.rules) {
      const [reason = 'can fire'] = unavailable
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    assert.equal(reasons.get('can fire'), 144 + 18)
    assert.equal(reasons.get('events are not shown as records of auditd yet'), 54)
    assert.equal(reasons.get('logs of any service are not read'), 16)
    assert.equal(reasons.get('connections are not collected yet'), 5)
    assert.equal(reasons.get('the log of sshd is not read'), 3)
    assert.equal(ruleSet.waitingRules.length, 248 - 162)
  })

  const fired = (event: RuleRecord): string[] =>
    createPlainEvaluator(ruleSet)
      .judge({ event, container: { state: 'host' } })
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
