// Given records are evaluated as in evaluators: only by rules about their type.
import assert from 'node:assert/strict'
import { EvalRequests } from '../../../../../processors/rule-engine/workbench/eval-requests.js'
import { prepareRules, verdictsOf } from '../../../../../processors/rule-engine/workbench/event-verdicts.js'
import type { GivenEvent } from '../../../../../processors/rule-engine/workbench/given-events/given-event.js'
import { readEvents } from '../../../../../processors/rule-engine/workbench/given-events/read-events.js'
import { createPlainEvaluator } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { aimedEvent, nearMissEvent } from '../../../../support/generator/aimed-events.js'
import { Random } from '../../../../support/generator/random.js'
import { falcoTargets, sigmaTargets } from '../../../../support/generator/targets.js'
import { ruleCorpus } from '../../../../support/rule-corpus.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'

const RULES = `
title: Any sysinfo
id: 44444444-0000-4000-8000-000000000001
logsource: {product: linux, service: auditd}
detection: {s: {type: SYSCALL, SYSCALL: sysinfo}, condition: s}
---
title: Any start
id: 44444444-0000-4000-8000-000000000002
logsource: {product: linux, category: process_creation}
detection: {s: {User|contains: ''}, condition: s}
`
const OPENAT = { topic: 'file', type: 'open', syscall: 'openat', path: '/x', process: { name: 'cat' } }

describe('a record that is given to rules', () => {
  const { ruleSet, errors } = loadRules([{ name: 'r.yml', text: RULES }])
  const given = (value: object): GivenEvent => {
    const [event] = readEvents(JSON.stringify(value), 'f')
    assert.ok(event !== undefined)
    return event
  }
  const notAsked = (value: object): unknown[] => verdictsOf(given(value), prepareRules(ruleSet.rules), 'all').map((one) => one.notAsked)

  it('is evaluated only by rules about its type, and the others state what they are about', () => {
    assert.deepEqual(errors, [])
    const [sysinfo, start] = verdictsOf(given(OPENAT), prepareRules(ruleSet.rules), 'all')
    assert.deepEqual([sysinfo?.verdict, sysinfo?.notAsked], [false, 'it is about events sysinfo'])
    assert.deepEqual([start?.verdict, start?.notAsked], [false, 'it is about events execve, execveat'])
  })
  it('is evaluated by a rule about its type; a map of fields by every rule, and a snapshot by none', () => {
    assert.equal(notAsked({ topic: 'kernel', type: 'call', syscall: 'sysinfo' })[0], null)
    assert.deepEqual(notAsked({ SYSCALL: 'sysinfo', type: 'SYSCALL' }), [null, null])
    const none = 'no rule is about a record without a system call'
    assert.deepEqual(notAsked({ topic: 'process', type: 'snapshot' }), [none, none])
  })
  it('has the same in the reasons of an answer', () => {
    const { explain } = {
      explain: [],
      ...new EvalRequests().answer({ id: 1, format: 'sigma', rules: [RULES], events: [OPENAT], explain: true }),
    }
    assert.deepEqual(
      (explain as { notAsked?: string }[]).map((one) => one.notAsked),
      ['it is about events sysinfo', 'it is about events execve, execveat'],
    )
  })
  it('gets the verdicts of the plain evaluator from the rules that people have', function () {
    const corpus = ruleCorpus()
    if (corpus === null) return skipWithoutCorpora(this)
    const rules = loadRules([...corpus.falco, ...corpus.sigma]).ruleSet
    const asked = prepareRules(rules.rules.filter((rule) => rule.isEnabled))
    const plain = createPlainEvaluator(rules, { matching: 'all' })
    const targets = [...falcoTargets(corpus.falco.map(({ text }) => text)), ...sigmaTargets(corpus.sigma.map(({ text }) => text))]
    const random = new Random(23)
    let matched = 0
    for (const [index, target] of targets.entries()) {
      const event = (index % 4 === 0 ? nearMissEvent : aimedEvent)(target, random)
      if (event === null) continue
      const open: RuleEvent = { ...event, container: { state: 'unknown', containerId: null } }
      for (const ruleEvent of [event, open]) {
        const verdicts = verdictsOf({ kind: 'record', ruleEvent }, asked, 'all')
        const ofVerdict = (wanted: boolean | null): string[] =>
          verdicts.filter(({ verdict }) => verdict === wanted).map(({ rule }) => rule.id)
        const expected = plain.evaluate(ruleEvent)
        assert.deepEqual(
          { matched: ofVerdict(true), waiting: ofVerdict(null) },
          { matched: expected.matched.map(({ id }) => id), waiting: expected.waiting.map(({ id }) => id) },
          target.rule,
        )
        matched += expected.matched.length
      }
    }
    assert.ok(matched > 50, `only ${String(matched)} times a rule matched`)
  })
})
