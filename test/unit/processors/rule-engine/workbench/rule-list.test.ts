// The filters of lists of rules: text, tag, language, state.
import assert from 'node:assert/strict'
import { ruleFilter, type RuleFilter } from '../../../../../processors/rule-engine/workbench/rule-list.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { LISTED_RULES } from '../../../../support/rules/listed-rules.js'

const rules = LISTED_RULES
const names = (filter: RuleFilter): string[] => rules.filter(ruleFilter(filter)).map((rule) => rule.name)

describe('the filter of rules', () => {
  it('accepts all rules without filters', () => {
    assert.equal(names({}).length, 4)
  })
  it('searches name, id and description, in any case', () => {
    assert.deepEqual(names({ text: 'SHELL' }), ['Shell started', 'Of Sigma'])
    assert.deepEqual(names({ text: '1d5b0d4e' }), ['Of Sigma'])
  })
  it('takes a technique for its sub-techniques, however a file writes it', () => {
    assert.deepEqual(names({ tag: ['T1059'] }), ['Shell started'])
    assert.deepEqual(names({ tag: ['t1105'] }), ['Of Sigma'])
    assert.deepEqual(names({ tag: ['execution', 'T1059.004'] }), ['Shell started'])
    assert.deepEqual(names({ tag: ['T105'] }), [])
  })
  it('knows states and languages, and names the nearest to what is none', () => {
    assert.deepEqual(names({ state: 'off' }), ['Off'])
    assert.deepEqual(names({ state: 'waiting' }), ['Waits'])
    assert.deepEqual(names({ state: 'can-fire', language: 'falco' }), ['Shell started'])
    assert.deepEqual(names({ language: 'sigma' }), ['Of Sigma'])
    assert.throws(() => ruleFilter({ state: 'wating' }), /did you mean 'waiting'/)
    assert.throws(() => ruleFilter({ language: 'yara' }), /one of falco, sigma/)
  })
  it('knows rules about events that the collector does not emit', () => {
    const text = `- rule: Piped\n  desc: d\n  condition: evt.type = pipe\n  output: o\n  priority: INFO\n`
    const piped = loadRules([{ name: 'm.yaml', text }]).ruleSet.rules
    assert.equal(piped.filter(ruleFilter({ state: 'not-live' })).length, 1)
    assert.deepEqual(names({ state: 'not-live' }), [])
    assert.deepEqual(names({ state: 'live' }), ['Shell started', 'Of Sigma'])
  })
})
