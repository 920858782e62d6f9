// The filters of `rules list`, and its table.
import assert from 'node:assert/strict'
import { listText } from '../../../../../cli/rules/list/list-command.js'
import { ruleFilter } from '../../../../../cli/rules/list/rule-filter.js'
import type { RuleFilter } from '../../../../../cli/rules/list/rule-filter.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'

const RULES = `
- rule: Shell started
  desc: somebody starts one
  condition: evt.type = execve
  output: o
  priority: INFO
  tags: [attack.t1059.004, mitre_execution]
- rule: Off
  desc: d
  condition: evt.type = execve
  output: o
  priority: INFO
  enabled: false
- rule: Waits
  desc: d
  condition: evt.type = nanosleep
  output: o
  priority: INFO
  tags: [T1070]
---
title: Of Sigma
id: 1d5b0d4e-0000-4000-8000-000000000001
description: about shells
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /x}, condition: s}
tags: [attack.t1105]
`
const { rules } = loadRules([{ name: 'r.yaml', text: RULES }]).ruleSet
const names = (filter: RuleFilter): string[] => rules.filter(ruleFilter(filter)).map((rule) => rule.name)

describe('the filter of rules', () => {
  it('takes all when nothing is asked', () => {
    assert.equal(names({}).length, 4)
  })
  it('looks for text in name, id and description, in any case', () => {
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
    assert.throws(() => ruleFilter({ language: 'yara' }), /none of falco, sigma/)
  })
})

describe('the list of rules', () => {
  it('says how many of how many', () => {
    assert.match(listText(rules.slice(0, 2), 4, 120), /\n\n2 of 4 rules\n$/)
    assert.equal(listText([], 4, 120), '0 of 4 rules\n')
  })
  it('tells which rules wait for a collector that makes their events', () => {
    const pipes = `- rule: Piped\n  desc: d\n  condition: evt.type = pipe\n  output: o\n  priority: INFO\n`
    const later = loadRules([{ name: 'm.yaml', text: pipes }]).ruleSet.rules
    const text = listText(later, 1, 120)
    assert.match(text, /^Piped .* on, not live$/m)
    assert.match(text, /\nnot live: no collector of this version makes the events that they are about\n$/)
    assert.deepEqual(later.filter(ruleFilter({ state: 'not-live' })).length, 1)
    assert.deepEqual(names({ state: 'not-live' }), [])
    assert.deepEqual(names({ state: 'live' }), ['Shell started', 'Of Sigma'])
    assert.doesNotMatch(listText(rules, 4, 120), /not live/)
  })
  it('stays within its width, whatever rules are called', () => {
    const hostile = rules.map((rule) => ({
      ...rule,
      name: '\u001b[2J'.repeat(50),
      unavailable: ['x'.repeat(300)],
      eventTypes: ['a'.repeat(90)],
    }))
    for (const width of [80, 120, 200]) {
      const text = listText(hostile, 4, width)
      for (const line of text.split('\n')) assert.ok(line.length <= width, `${String(line.length)}: ${line}`)
      assert.equal(text.includes('\u001b'), false)
    }
  })
})
