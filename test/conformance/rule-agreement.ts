// The engine against the oracle: conditions and rules of all kinds on generated events. The oracle (test/support/oracle) knows no index and
// only the extractors of fields with the engine. Each suite runs with two fixed seeds, one in each runtime, and all of them in a full run; a
// disagreement is reported with the smallest event that shows it and the seed that reproduces it (EUNOMIA_SEED).
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadRules } from '../../processors/rule-engine/load/load-rules.js'
import type { CompiledRule } from '../../processors/rule-engine/rule-set/compiled-rule.js'
import type { RuleFile } from '../../processors/rule-engine/read/rule-file.js'
import { createRuleSet } from '../../processors/rule-engine/rule-set/rule-set.js'
import { createCompiledEvaluator } from '../../processors/rule-engine/compiled/compiled-evaluator.js'
import { aimedEvent, nearMissEvent } from '../support/generator/aimed-events.js'
import { fieldMapFor } from '../support/generator/field-maps.js'
import { Random } from '../support/generator/random.js'
import { falcoTarget } from '../support/generator/targets.js'
import { evaluate } from '../support/oracle/falco/evaluate-condition.js'
import type { Condition } from '../support/oracle/falco/condition.js'
import { fieldMapEvent, recordEvent } from '../support/oracle/falco/oracle-event.js'
import { parseCondition } from '../support/oracle/falco/parse-condition.js'
import { falcoRules } from '../support/oracle/falco/rule-files.js'
import { differs, disagreementText, type BothVerdicts } from '../support/rules/agreement.js'
import { arbitraryCondition } from '../support/rules/arbitrary-condition.js'
import { arbitraryRuleFile } from '../support/rules/arbitrary-rule-file.js'
import { engineCondition, engineRule, openMapSource, type EngineVerdict } from '../support/rules/engine-under-test.js'
import { isFullRun } from '../support/runner/dose.js'
import { skipWithoutCorpora } from '../support/runner/skip-because.js'
import { ruleCorpus } from '../support/rule-corpus.js'

const FIRST_SEED = 20_261_124
const SECOND_SEED = 470_243_135

/** The seed of every run, a second one of a full run, and the one of EUNOMIA_SEED: the findings of a run must not depend on chance. */
export function agreementSeeds(): readonly (readonly [name: string, seed: number])[] {
  const given = process.env['EUNOMIA_SEED']
  return [
    ['the first seed', FIRST_SEED] as const,
    ...(isFullRun() ? [['the second seed', SECOND_SEED] as const] : []),
    ...(given === undefined ? [] : [['the given seed', Number(given)] as const]),
  ]
}

function verdictsOf(verdict: EngineVerdict, condition: Condition): BothVerdicts {
  return ({ fields, open }) => ({
    engine: verdict(openMapSource(fields, open)),
    oracle: evaluate(condition, fieldMapEvent(fields, open)),
  })
}

/** Evaluates maps created for the condition. @returns how many both found true */
function compareOnMaps(name: string, verdict: EngineVerdict, condition: Condition, seed: number, count: number): number {
  const random = new Random(seed)
  const verdictsOn = verdictsOf(verdict, condition)
  let matches = 0
  for (let at = 0; at < count; at++) {
    const map = fieldMapFor(condition, random)
    const verdicts = verdictsOn(map)
    if (differs(verdicts)) assert.fail(disagreementText(name, map, verdictsOn, seed))
    if (verdicts.oracle === true) matches++
  }
  return matches
}

function loaded(files: readonly RuleFile[]): readonly CompiledRule[] {
  const { ruleSet, errors } = loadRules(files)
  assert.deepEqual(errors, [])
  return ruleSet.rules
}

/** Every rule of Falco's files, on field maps and on records. */
export function describeFalcoCorpusAgreement(): void {
  for (const [name, seed] of agreementSeeds()) {
    it(`agrees on every rule of Falco's files over field maps, ${name}`, function () {
      const corpus = ruleCorpus() ?? skipWithoutCorpora(this)
      for (const files of [corpus.falco, ...corpus.archive.map((file) => [file])]) {
        const conditions = new Map(falcoRules(files.map(({ text }) => text)).map((rule) => [rule.name, rule.condition]))
        for (const [at, rule] of loaded(files).entries()) {
          const condition = conditions.get(rule.name) ?? assert.fail(`the oracle does not know ${rule.name}`)
          compareOnMaps(rule.name, engineRule(rule), condition, seed + at, 120)
        }
      }
    })

    it(`agrees on all rules of Falco over records, with a hit and a near miss of each rule, first and all matches, ${name}`, function () {
      const corpus = ruleCorpus() ?? skipWithoutCorpora(this)
      const rules = loaded(corpus.falco)
      const oracle = falcoRules(corpus.falco.map(({ text }) => text))
      compareOnRecords(rules, oracle, seed)
    })
  }
}

function compareOnRecords(rules: readonly CompiledRule[], oracle: ReturnType<typeof falcoRules>, seed: number): void {
  const set = createRuleSet(rules)
  const names = new Set(set.activeRules.map((rule) => rule.name))
  const active = oracle.filter(({ name }) => names.has(name))
  const all = createCompiledEvaluator(set, { matching: 'all', coldRecords: 0 })
  const first = createCompiledEvaluator(set, { matching: 'first', coldRecords: 0 })
  const random = new Random(seed)
  for (const { name, condition } of active) {
    const target = falcoTarget(name, condition)
    for (let at = 0; at < 9; at++) {
      const event = at % 3 === 2 ? nearMissEvent(target, random) : aimedEvent(target, random)
      if (event === null) continue
      const read = recordEvent(event)
      const wanted = active.filter((rule) => evaluate(rule.condition, read) === true).map((rule) => rule.name)
      const context = `aimed at ${name}, seed ${String(seed)}, ${JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`
      assert.deepEqual(
        all.evaluate(event).matched.map((rule) => rule.name),
        wanted,
        context,
      )
      assert.deepEqual(
        first.evaluate(event).matched.map((rule) => rule.name),
        wanted.slice(0, 1),
        context,
      )
    }
  }
}

/** Generated conditions and rule files. */
export function describeGeneratedFalcoAgreement(): void {
  for (const [name, seed] of agreementSeeds()) {
    it(`agrees on generated conditions: every operator, type, transformer and modifier, with absent and unknown fields, ${name}`, () => {
      let matches = 0
      fc.assert(
        fc.property(arbitraryCondition(), fc.integer(), (text, mapSeed) => {
          matches += compareOnMaps(text, engineCondition(text), parseCondition(text), mapSeed, 15)
        }),
        { seed, numRuns: 2_000 },
      )
      assert.ok(matches > 2_000, `only ${String(matches)} of 30000 pairs match: nothing would be seen`)
    })

    it(`agrees on generated rule files: lists, macros, exceptions, append and override, ${name}`, () => {
      fc.assert(
        fc.property(arbitraryRuleFile(), fc.integer(), (text, mapSeed) => {
          const rules = loaded([{ name: 'made-up.yaml', text }])
          for (const { name: rule, condition } of falcoRules([text])) {
            const compiled = rules.find((one) => one.name === rule) ?? assert.fail(`no rule ${rule}`)
            compareOnMaps(`${rule} of\n${text}`, engineRule(compiled), condition, mapSeed, 10)
          }
        }),
        { seed, numRuns: 250 },
      )
    })
  }
}
