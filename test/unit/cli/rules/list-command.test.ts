// The table of `rules list`.
import assert from 'node:assert/strict'
import { listText } from '../../../../cli/rules/list-command.js'
import { loadRules } from '../../../../processors/rule-engine/load/load-rules.js'
import { listedRules } from '../../../../processors/rule-engine/workbench/rule-list.js'
import { CORRELATED_RULES } from '../../../support/rules/correlated-rules.js'
import { LISTED_RULES } from '../../../support/rules/listed-rules.js'

const rules = LISTED_RULES

describe('the list of rules', () => {
  it('shows how many of all rules are listed', () => {
    assert.match(listText(rules.slice(0, 2), 4, 120), /\n\n2 of 4 rules\n$/)
    assert.equal(listText([], 4, 120), '0 of 4 rules\n')
  })
  it('marks rules whose events the collector does not emit', () => {
    const pipes = `- rule: Piped\n  desc: d\n  condition: evt.type = pipe\n  output: o\n  priority: INFO\n`
    const later = loadRules([{ name: 'm.yaml', text: pipes }]).ruleSet.rules
    const text = listText(later, 1, 120)
    assert.match(text, /^Piped .* on, not live$/m)
    assert.match(text, /\nnot live: this collector version does not emit the events of these rules\n$/)
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
  it('marks rules that only feed others, and shows correlations after rules', () => {
    const lines = listText(listedRules(CORRELATED_RULES.ruleSet), 6, 120).split('\n')
    assert.match(lines.find((line) => line.startsWith('a ran')) ?? '', /on, feeds only/)
    assert.match(lines.find((line) => line.startsWith('Often')) ?? '', /Warning +sigma +of other rules +on$/)
    assert.match(lines.find((line) => line.startsWith('Lame')) ?? '', /waits: 'w ran' can't fire/)
  })
})
