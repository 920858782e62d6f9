// Conversions between the languages: converted rules reach the same verdict on every event, and rules without an equivalent are refused with the reason.
import assert from 'node:assert/strict'
import { stringify } from 'yaml'
import { type Conversion, exactFields } from '../../../../../../processors/rule-engine/workbench/convert/conversion.js'
import { falcoFromSigma } from '../../../../../../processors/rule-engine/workbench/convert/falco-from-sigma.js'
import { sigmaFromFalco } from '../../../../../../processors/rule-engine/workbench/convert/sigma-from-falco.js'
import type { CompiledRule } from '../../../../../../processors/rule-engine/rule-set/compiled-rule.js'
import { createPlainEvaluator } from '../../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleEvent } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import { readRuleFiles } from '../../../../../../processors/rule-engine/load/rule-files.js'
import { createRuleSet } from '../../../../../../processors/rule-engine/rule-set/rule-set.js'
import { aimedEvent, nearMissEvent } from '../../../../../support/generator/aimed-events.js'
import { Random } from '../../../../../support/generator/random.js'
import { falcoTargets, sigmaTargets, type Target } from '../../../../../support/generator/targets.js'
import { sharedPath } from '../../../../../support/shared-folder.js'
import { skipWithoutCorpora } from '../../../../../support/runner/skip-because.js'

function load(text: string): readonly CompiledRule[] {
  const { ruleSet, errors } = loadRules([{ name: 'r.yaml', text }])
  assert.deepEqual(errors, [], text)
  return ruleSet.rules
}

function falcoText(condition: string): string {
  return stringify([{ rule: 'r', desc: 'd', condition, output: 'o', priority: 'INFO' }])
}

function only(rules: readonly CompiledRule[]): CompiledRule {
  const [rule] = rules
  assert.ok(rule !== undefined && rules.length === 1)
  return rule
}

function documentOf(conversion: Conversion): object {
  assert.ok(conversion.isExact, 'reason' in conversion ? conversion.reason : '')
  return conversion.document
}

/** Evaluates events created for the rule with it and with its conversion. @returns how many matched */
function compare(rule: CompiledRule, other: CompiledRule, target: Target, random: Random, rounds: number): number {
  const [before, after] = [rule, other].map((one) => createPlainEvaluator(createRuleSet([one])))
  const speaks = (evaluator: typeof before, event: RuleEvent): boolean => (evaluator?.evaluate(event).matched.length ?? 0) > 0
  let matched = 0
  for (let round = 0; round < rounds; round++) {
    for (const event of [aimedEvent(target, random), nearMissEvent(target, random)]) {
      if (event === null) continue
      const expected = speaks(before, event)
      if (expected) matched++
      assert.equal(speaks(after, event), expected, `${rule.name}: ${other.conditionText}: ${JSON.stringify(event)}`)
    }
  }
  return matched
}

describe('rules convert', () => {
  it('reaches the same verdict on every event, for each Sigma rule of the corpus that it converts', function () {
    const sigma = sharedPath('corpora', 'sigma')
    if (sigma === null) return skipWithoutCorpora(this)
    const { files } = readRuleFiles([sigma])
    const rules = loadRules(files).ruleSet.rules
    const targets = new Map(sigmaTargets(files.map(({ text }) => text)).map((target) => [target.rule, target]))
    const random = new Random(11)
    let converted = 0
    let matched = 0
    for (const rule of rules) {
      const conversion = falcoFromSigma(rule)
      const target = targets.get(rule.id)
      if (!conversion.isExact || target === undefined) continue
      converted++
      matched += compare(rule, only(load(stringify([conversion.document]))), target, random, 3)
    }
    assert.ok(converted >= 100 && matched >= converted, `${String(converted)} converted, ${String(matched)} events matched`)
  })

  const START = 'evt.type in (execve, execveat) and evt.rawres >= 0 and'
  const conditions = [
    `${START} proc.exepath = /usr/bin/nc`,
    `${START} proc.exepath in (/usr/bin/nc, /bin/NC)`,
    `${START} (proc.exepath endswith /nc or proc.exeline contains " -e ")`,
    `${START} proc.exepath startswith /tmp/ and not user.name in (root, daemon)`,
    `${START} proc.pexepath != /usr/sbin/sshd`,
    `${START} proc.pexepath exists`,
    `${START} (not proc.pexepath exists or proc.exepath = /usr/bin/nc)`,
    `${START} tolower(proc.exeline) contains base64`,
    `${START} proc.exeline contains "a*b?c\\\\d"`,
    `${START} proc.exepath regex '/usr/(s?bin)/n[a-z]+'`,
    `${START} (proc.exeline contains allof (curl, http) or proc.exepath = /usr/bin/nc)`,
    `${START} proc.exeline contains anyof (curl, wget)`,
  ]
  for (const condition of conditions) {
    it(`writes ${condition.slice(START.length + 1)} in Sigma`, () => {
      const text = falcoText(condition)
      const rule = only(load(text))
      const other = only(load(stringify(documentOf(sigmaFromFalco(rule)))))
      const [target] = falcoTargets([text])
      assert.ok(target !== undefined)
      assert.ok(compare(rule, other, target, new Random(3), 100) > 0, 'no event matched')
      assert.equal(sigmaFromFalco(rule).isExact && other.id, other.id, 'the id is made of the name')
    })
  }

  const refused: readonly (readonly [condition: string, reason: RegExp])[] = [
    ['evt.type = openat and fd.name = /etc/shadow', /^it is not about evt\.type in \(execve, execveat\)/],
    ['evt.type in (execve, execveat) and proc.exepath = /bin/a', /failed starts/],
    [`${START} proc.name = nc`, /^no field of Sigma is the same as proc\.name$/],
    [`${START} proc.cmdline contains nc`, /^no field of Sigma is the same as proc\.cmdline$/],
    [`${START} proc.exepath glob /usr/*`, /^glob has no equivalent$/],
    [`${START} toupper(proc.exepath) = A`, /^toupper\(proc\.exepath\) has no equivalent$/],
    [`${START} tolower(proc.exepath) = /Bin`, /lower case/],
    [`${START} proc.exepath contains oneof (a, b)`, /^oneof has no equivalent$/],
    [`${START} proc.exepath = val(proc.pexepath)`, /^two fields are compared$/],
    ['evt.type in (execve, execveat) and evt.rawres >= 0', /^it matches every program start$/],
  ]
  for (const [condition, reason] of refused) {
    it(`refuses to write in Sigma: ${condition}`, () => {
      const conversion = sigmaFromFalco(only(load(falcoText(condition))))
      assert.ok(!conversion.isExact)
      assert.match(conversion.reason, reason)
    })
  }

  const sigmaRule = (logsource: object, selection: object): string =>
    stringify({ title: 't', id: 'i', logsource, detection: { selection, condition: 'selection' } })
  const refusedSigma: readonly (readonly [about: string, text: string, reason: RegExp])[] = [
    ['files', sigmaRule({ product: 'linux', category: 'file_event' }, { TargetFilename: '/x' }), /more than one kind of call/],
    ['events of others', sigmaRule({ product: 'windows', category: 'process_creation' }, { Image: 'x' }), /^it can't fire: /],
    [
      'working folders',
      sigmaRule({ product: 'linux', category: 'process_creation' }, { CurrentDirectory: '/x' }),
      /^no field of Falco is the same as CurrentDirectory$/,
    ],
    ['letters outside of ASCII', sigmaRule({ product: 'linux', category: 'process_creation' }, { Image: '/Ä' }), /non-ASCII letters/],
    ['numbers', sigmaRule({ product: 'linux', category: 'process_creation' }, { 'Image|gt': 1 }), /^a value is converted by number$/],
  ]
  for (const [about, text, reason] of refusedSigma) {
    it(`refuses to convert to Falco: ${about}`, () => {
      const conversion = falcoFromSigma(only(load(text)))
      assert.ok(!conversion.isExact)
      assert.match(conversion.reason, reason)
    })
  }

  it('knows only fields that both languages have', () => {
    for (const [sigma, falco] of exactFields()) {
      load(falcoText(`${START} ${falco} exists`))
      const rule = only(load(sigmaRule({ product: 'linux', category: 'process_creation' }, { [sigma]: 'x' })))
      assert.deepEqual(rule.unavailable, [])
    }
  })
})
