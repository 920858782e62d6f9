// What `rules explain` shows of correlations and filters.
import assert from 'node:assert/strict'
import { correlationText, explanationText } from '../../../../../cli/rules/explain/explanation-text.js'
import { colorsFor } from '../../../../../cli/terminal/terminal-text.js'
import { partNames } from '../../../../../processors/rule-engine/workbench/explain/condition-tree.js'
import { correlationExplanation } from '../../../../../processors/rule-engine/workbench/explain/explanation.js'
import { findRuleOrCorrelation } from '../../../../../processors/rule-engine/workbench/wanted-rules.js'
import { CORRELATED_RULES } from '../../../../support/rules/correlated-rules.js'

const colors = colorsFor({})

describe('rules explain', () => {
  const textOf = (name: string): string => {
    const found = findRuleOrCorrelation(name, CORRELATED_RULES.ruleSet)
    assert.ok('members' in found)
    return correlationText(found, CORRELATED_RULES.ruleSet, { width: 100, colors })
  }
  it('finds correlations by id and title, and names the nearest', () => {
    assert.equal(findRuleOrCorrelation('11-22', CORRELATED_RULES.ruleSet).name, 'First a')
    assert.throws(() => findRuleOrCorrelation('Oftne', CORRELATED_RULES.ruleSet), /did you mean 'Often'\?/)
  })
  it('shows what feeds a correlation, how it groups and counts, and when it fires', () => {
    const text = textOf('First a')
    for (const line of [
      /^type +temporal_ordered$/m,
      /^rule 1 +a ran$/m,
      /^rule 2 +b ran$/m,
      /^group by +who$/m,
      /^alias +who: User of 'a ran', Image of 'b ran'$/m,
      /^condition +>= 2$/m,
      /^timespan +5m$/m,
      /^state +on, and only feeds other correlations$/m,
    ]) {
      assert.match(text, line)
    }
    assert.match(textOf('Often'), /^correlation +First a$/m)
  })
  it('shows why it cannot fire, and because of which rule', () => {
    const text = textOf('Lame')
    assert.match(text, /^can't fire +'w ran' can't fire: events of windows are not collected$/m)
    assert.match(text, /^rule +w ran - can't fire: events of windows are not collected$/m)
  })
  it('has the same information as data', () => {
    const [, often] = CORRELATED_RULES.ruleSet.correlations.filter(({ name }) => name !== 'Lame')
    assert.ok(often !== undefined)
    const data = correlationExplanation(often)
    assert.ok('canFire' in data && 'correlation' in data)
    assert.equal(data.canFire, true)
  })
  it('shows the filters of a rule, and what it feeds through others', () => {
    const rule = findRuleOrCorrelation('a ran', CORRELATED_RULES.ruleSet)
    assert.ok(!('members' in rule))
    const text = explanationText(rule, CORRELATED_RULES, {
      width: 120,
      colors,
      names: partNames(CORRELATED_RULES),
      isFull: false,
    })
    assert.match(text, /^filter +Not root \(part of the condition\)$/m)
    assert.match(text, /^feeds +'First a' \(which feeds 'Often'\), 'Lame'; creates no alert of its own$/m)
  })
})
