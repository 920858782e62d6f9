// The pipelines of docs/sigma.md do what the page says of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../../../infra/process/package-root.js'
import { createPlainEvaluator } from '../../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleFile } from '../../../../../../processors/rule-engine/read/rule-file.js'
import { sampleFileEvent, sampleProcessEvent } from '../../../../../support/records/sample-records.js'

function documented(name: string): RuleFile {
  const page = readFileSync(join(packageRoot(), 'docs', 'sigma.md'), 'utf8')
  const block = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text).find((text) => text.startsWith(`name: ${name}\n`))
  return { name: 'docs/sigma.md', text: block ?? assert.fail(`docs/sigma.md has no pipeline '${name}'`) }
}
function fires(rule: string, pipeline: RuleFile, event: RuleRecord): boolean {
  const { ruleSet, errors } = loadRules([{ name: 'r.yml', text: rule }], { pipelines: [pipeline] })
  assert.deepEqual(errors, [])
  return createPlainEvaluator(ruleSet).evaluate({ event, container: { state: 'host' } }).matched.length > 0
}

describe('a documented pipeline', () => {
  it('lets rules about audited paths speak of changes only', () => {
    const rule = (tag: string): string =>
      `title: t\ntags: [${tag}]\nlogsource: {product: linux, service: auditd}\ndetection: {s: {type: PATH, name: /etc/profile}, condition: s}\n`
    const open = (isWrite: boolean): RuleRecord => ({
      topic: 'file',
      record: sampleFileEvent({ path: '/etc/profile', isRead: !isWrite, isWrite, flags: isWrite ? 1 : 0 }),
    })
    const removed: RuleRecord = {
      topic: 'file',
      record: sampleFileEvent({ type: 'unlink', syscall: 'unlink', path: '/etc/profile', result: 0 }),
    }
    const pipeline = documented('changes only')
    assert.equal(fires(rule('attack.persistence'), pipeline, open(false)), false)
    assert.equal(fires(rule('attack.persistence'), pipeline, open(true)), true)
    assert.equal(fires(rule('attack.persistence'), pipeline, removed), true)
    assert.equal(fires(rule('attack.discovery'), pipeline, open(false)), true)
  })
  it('makes rules of another taxonomy rules of ours', () => {
    const rule =
      "title: t\nlogsource: {product: ecs, category: process}\ndetection: {s: {process.executable: /bin/cat, user.name|expand: '%admins%'}, condition: s}\n"
    assert.equal(fires(rule, documented('from ECS'), { topic: 'process', record: sampleProcessEvent() }), true)
  })
})
