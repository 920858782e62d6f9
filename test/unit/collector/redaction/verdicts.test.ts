// Redaction changes no verdict: the tests of the shipped rules, the sample vectors, and generated events aimed at every public and shipped rule are
// evaluated before and after it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redactor } from '../../../../collector/redaction/redactor.js'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { createCompiledEvaluator } from '../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import type { RuleEvent } from '../../../../processors/rule-engine/fields/rule-event.js'
import { loadRuleFiles, readRuleFiles } from '../../../../processors/rule-engine/load/rule-files.js'
import { loadRules } from '../../../../processors/rule-engine/load/load-rules.js'
import type { GivenEvent } from '../../../../processors/rule-engine/workbench/given-events/given-event.js'
import { findTestFiles, readTests } from '../../../../processors/rule-engine/workbench/rule-tests/read-tests.js'
import { runTests } from '../../../../processors/rule-engine/workbench/rule-tests/run-cases.js'
import type { ProcessEvent } from '../../../../schemas/generated/types.js'
import { aimedEvent, nearMissEvent } from '../../../support/generator/aimed-events.js'
import { Random } from '../../../support/generator/random.js'
import { falcoTargets, sigmaTargets, type Target } from '../../../support/generator/targets.js'
import { evaluate } from '../../../support/oracle/falco/evaluate-condition.js'
import { fieldMapEvent, type OracleFieldMap } from '../../../support/oracle/falco/oracle-event.js'
import { parseCondition } from '../../../support/oracle/falco/parse-condition.js'
import { ruleCorpus } from '../../../support/rule-corpus.js'
import { skipWithoutCorpora } from '../../../support/runner/skip-because.js'
import { sharedPath } from '../../../support/shared-folder.js'

const SEED = 20_261_127
const EVENTS_PER_RULE = 12
const RULES = join(packageRoot(), 'rules')
const redactor = new Redactor()

function redactedArgs(args: readonly string[]): string[] {
  const bytes = Buffer.from(args.map((argument) => `${argument}\0`).join(''))
  return Buffer.from(redactor.arguments(bytes, 0, bytes.length).bytes)
    .toString()
    .split('\0')
    .slice(0, -1)
}

/** Every text of a map, as if it were an argument; a path or a name may look like one, too. */
function redactedMap<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  const change = (value: unknown): unknown =>
    typeof value === 'string' ? (redactedArgs([value])[0] ?? '') : Array.isArray(value) ? value.map(change) : value
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value) as Value]))
}

function redactedEvent(ruleEvent: RuleEvent): RuleEvent {
  const { event } = ruleEvent
  const { process } = event.record
  const { args, parentArgs, env } = process
  const clean = { ...process, args: redactedArgs(args), parentArgs: redactedArgs(parentArgs), env: env === null ? null : redactedArgs(env) }
  const { attemptedArgs = null } = event.record as Partial<ProcessEvent>
  const more = attemptedArgs === null ? {} : { attemptedArgs: redactedArgs(attemptedArgs) }
  return { ...ruleEvent, event: { ...event, record: { ...event.record, ...more, process: clean } } } as RuleEvent
}

function redactedCase(event: GivenEvent): GivenEvent {
  return event.kind === 'fields' ? { ...event, fields: redactedMap(event.fields) } : { ...event, ruleEvent: redactedEvent(event.ruleEvent) }
}

describe('verdicts before and after redaction', function () {
  this.timeout(120_000)

  it('are the same in every test of the shipped rules', () => {
    const { ruleSet } = loadRuleFiles([RULES])
    const suites = findTestFiles([RULES]).flatMap((file) => readTests(file).suites)
    const clean = suites.map((suite) => ({
      ...suite,
      cases: suite.cases.map((one) => ({ ...one, alert: { contains: [], fields: {} }, event: redactedCase(one.event) })),
    }))
    assert.ok(clean.length >= 100)
    assert.deepEqual(
      runTests(ruleSet, clean).filter((result) => !result.isPassed),
      [],
    )
  })

  for (const file of ['F2.jsonl', 'F3.jsonl']) {
    it(`are the same for the vectors of ${file}`, function () {
      const path = sharedPath('samples', file) ?? skipWithoutCorpora(this)
      for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
        const { id, condition, valid, fields, expect } = JSON.parse(line) as {
          id: string
          condition: string
          valid: boolean
          fields: OracleFieldMap | null
          expect: boolean | null
        }
        if (!valid || expect === null) continue
        assert.equal(evaluate(parseCondition(condition), fieldMapEvent(redactedMap(fields ?? {}) as OracleFieldMap)), expect, id)
      }
    })
  }

  it("are the same for generated events, aimed at each of Falco's and Sigma's rules and the shipped ones", function () {
    const corpus = ruleCorpus() ?? skipWithoutCorpora(this)
    const shipped = readRuleFiles([RULES]).files
    const texts = (files: readonly { readonly text: string }[]): string[] => files.map(({ text }) => text)
    const before = redactor.counters.values
    let matches = 0
    for (const [files, targets] of [
      [
        [...corpus.falco, ...corpus.sigma],
        [...falcoTargets(texts(corpus.falco)), ...sigmaTargets(texts(corpus.sigma))],
      ],
      [shipped, falcoTargets(texts(shipped))],
    ] as const) {
      matches += compare(createCompiledEvaluator(loadRules(files).ruleSet, { matching: 'all', coldRecords: 0 }), targets)
    }
    assert.ok(matches > 300, String(matches))
    // Something was replaced, so that the test tests something.
    assert.ok(redactor.counters.values > before)
  })
})

/** @returns how many rules matched */
function compare(evaluator: ReturnType<typeof createCompiledEvaluator>, targets: readonly Target[]): number {
  const random = new Random(SEED)
  let matches = 0
  for (const target of targets) {
    for (let at = 0; at < EVENTS_PER_RULE; at++) {
      const event = at % 4 === 3 ? nearMissEvent(target, random) : aimedEvent(target, random)
      if (event === null) continue
      for (const one of [event, withSecret(event)]) {
        const names = (given: RuleEvent): string[] => evaluator.evaluate(given).matched.map((rule) => rule.name)
        const wanted = names(one)
        matches += wanted.length
        assert.deepEqual(names(redactedEvent(one)), wanted, `${target.rule}: ${one.event.record.process.args.join(' ')}`)
      }
    }
  }
  return matches
}

/** The same with secrets among the arguments. */
function withSecret({ event, ...more }: RuleEvent): RuleEvent {
  const { process } = event.record
  const args = [...process.args, '--password=hunter2', '--token', 'abcdef', 'https://me:pw@host/x']
  return { ...more, event: { ...event, record: { ...event.record, process: { ...process, args } } } } as RuleEvent
}
