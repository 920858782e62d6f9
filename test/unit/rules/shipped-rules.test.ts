// The rules that ship with Eunomia: they load without a doubt, are tested from both sides, and name what they stand for.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { findTestFiles, readTestFile } from '../../../cli/rules/rule-tests/test-file.js'
import { runTests } from '../../../cli/rules/rule-tests/test-run.js'
import { packageRoot } from '../../../infra/package-root.js'
import { createPlainEvaluator } from '../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { loadRuleFiles } from '../../../processors/rule-engine/rule-files.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess } from '../../support/records/sample-records.js'

const FOLDER = join(packageRoot(), 'rules')
const { ruleSet, errors, warnings } = loadRuleFiles([FOLDER])
const suites = findTestFiles([FOLDER]).flatMap(readTestFile)

describe('the shipped rules', () => {
  it('load without errors or warnings, and all can fire', () => {
    assert.deepEqual(errors, [])
    assert.deepEqual(warnings, [])
    assert.equal(ruleSet?.activeRules.length, 10)
  })

  it('pass their tests', () => {
    const failed = runTests(ruleSet, suites).filter((result) => !result.isPassed)
    assert.deepEqual(failed, [])
  })

  for (const rule of ruleSet?.rules ?? []) {
    it(`"${rule.name}" is tested from both sides, names a technique of ATT&CK, and says when it errs`, () => {
      const cases = suites.filter((suite) => suite.rule === rule.name).flatMap((suite) => suite.cases)
      assert.ok(cases.filter((one) => one.mustFire).length >= 3, 'events that make it fire')
      assert.ok(cases.filter((one) => !one.mustFire).length >= 3, 'events that leave it silent')
      assert.ok(
        rule.tags.some((tag) => /^attack\.t[0-9]{4}(\.[0-9]{3})?$/.test(tag)),
        rule.tags.join(),
      )
      assert.ok(rule.desc.includes('Known false alarms'), rule.desc)
      assert.ok(
        rule.output.parts.some((part) => part.kind === 'field' && part.key === 'container.name'),
        'its output names the container',
      )
    })
  }

  it('see cat read /etc/shadow in a container, and not login on the host', () => {
    const evaluator = createPlainEvaluator(ruleSet)
    const inContainer = evaluator.judge({
      event: { topic: 'file', record: sampleFileEvent() },
      container: { state: 'known', containerId: 'f'.repeat(64), facts: sampleContainerFacts() },
    })
    assert.deepEqual(
      inContainer.matched.map((rule) => rule.name),
      ['Sensitive file read by an unexpected program'],
    )
    const login = sampleProcess({
      name: 'login',
      exePath: '/usr/bin/login',
      args: ['/bin/login', '-p'],
      containerId: null,
      containerClaim: null,
    })
    const onHost = evaluator.judge({ event: { topic: 'file', record: sampleFileEvent({ process: login }) }, container: { state: 'host' } })
    assert.deepEqual(onHost.matched, [])
  })
})
