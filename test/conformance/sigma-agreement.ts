// The engine against the oracle on Sigma rules: the corpus and made-up rules, on generated field maps.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadRules } from '../../processors/rule-engine/load/load-rules.js'
import type { CompiledRule } from '../../processors/rule-engine/rule-set/compiled-rule.js'
import { Random } from '../support/generator/random.js'
import { sigmaMapFor } from '../support/generator/sigma-maps.js'
import { evaluateSigma } from '../support/oracle/sigma/evaluate-sigma.js'
import { sigmaMapEvent } from '../support/oracle/sigma/sigma-event.js'
import { sigmaRules, type SigmaNode } from '../support/oracle/sigma/sigma-rule.js'
import { differs, disagreementText, type BothVerdicts } from '../support/rules/agreement.js'
import { arbitrarySigmaRule } from '../support/rules/arbitrary-sigma-rule.js'
import { engineRule, openMapSource } from '../support/rules/engine-under-test.js'
import { skipWithoutCorpora } from '../support/runner/skip-because.js'
import { ruleCorpus } from '../support/rule-corpus.js'
import { agreementSeeds } from './rule-agreement.js'

/** Evaluates maps created for the rule. @returns how many both found true */
function compareOnMaps(name: string, rule: CompiledRule, detection: SigmaNode, seed: number, count: number): number {
  const random = new Random(seed)
  const verdict = engineRule(rule)
  const verdictsOn: BothVerdicts = ({ fields, open }) => ({
    engine: verdict(openMapSource(fields, open)),
    oracle: evaluateSigma(detection, sigmaMapEvent(fields, open)),
  })
  let matches = 0
  for (let at = 0; at < count; at++) {
    const map = sigmaMapFor(detection, random)
    const verdicts = verdictsOn(map)
    if (differs(verdicts)) assert.fail(disagreementText(name, map, verdictsOn, seed))
    if (verdicts.oracle === true) matches++
  }
  return matches
}

function loadedRule(text: string): CompiledRule {
  const { ruleSet, errors } = loadRules([{ name: 'rule.yml', text }], { language: 'sigma' })
  assert.deepEqual(errors, [])
  return ruleSet.rules[0] ?? assert.fail('no rule')
}

export function describeSigmaAgreement(): void {
  for (const [name, seed] of agreementSeeds()) {
    it(`agrees on every Sigma rule for Linux over field maps, ${name}`, function () {
      const corpus = ruleCorpus() ?? skipWithoutCorpora(this)
      const neverMatched: string[] = []
      for (const [at, { text }] of corpus.sigma.entries()) {
        const rule = loadedRule(text)
        const [{ id, detection }] = sigmaRules(text) as [ReturnType<typeof sigmaRules>[number]]
        if (compareOnMaps(id, rule, detection, seed + at, 50) === 0) neverMatched.push(id)
      }
      assert.ok(neverMatched.length < corpus.sigma.length / 10, `no event was found for ${neverMatched.join(', ')}`)
    })

    it(`agrees on generated Sigma rules: modifiers, wildcards, null, keywords, counts of searches, ${name}`, () => {
      fc.assert(
        fc.property(arbitrarySigmaRule, fc.integer(), (text, mapSeed) => {
          const [oracle] = sigmaRules(text)
          compareOnMaps(text, loadedRule(text), oracle?.detection ?? assert.fail('no rule'), mapSeed, 20)
        }),
        { seed, numRuns: 250 },
      )
    })
  }
}
