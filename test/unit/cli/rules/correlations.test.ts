// What the rules commands, and process, show of correlations and filters.
import assert from 'node:assert/strict'
import { tellWaitingCorrelations } from '../../../../assembly/waiting-correlations.js'
import { partNames } from '../../../../processors/rule-engine/workbench/explain/part-names.js'
import { checkReport } from '../../../../cli/rules/check/check-report.js'
import { fileCounts, waitingFor } from '../../../../cli/rules/check/load-counts.js'
import { correlationExplanation, correlationText } from '../../../../cli/rules/explain/correlation-text.js'
import { explanationText } from '../../../../cli/rules/explain/explanation-text.js'
import { findRule, findRuleOrCorrelation } from '../../../../processors/rule-engine/workbench/explain/find-rule.js'
import { listText } from '../../../../cli/rules/list/list-command.js'
import { listedRules } from '../../../../cli/rules/listed-rules.js'
import { colorsFor } from '../../../../cli/terminal/terminal-text.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import { correlation, load, programRule } from '../../../support/correlation/told-rules.js'

const colors = colorsFor({})
const ORDERED = 'type: temporal_ordered, rules: [a, b], group-by: [who], timespan: 5m, aliases: {who: {a: User, b: Image}}'
const FILTER = 'title: Not root\nlogsource: {product: linux}\nfilter: {rules: [a], x: {User: root}, condition: not x}\n'
const windows = programRule('w').replace('product: linux', 'product: windows')
const loaded = load(
  programRule('a'),
  programRule('b'),
  windows,
  correlation('First a', ORDERED, 'id: 11-22\nname: first\nlevel: high\ntags: [attack.t1110]\n'),
  correlation('Often', 'type: event_count, rules: [first], timespan: 1h, condition: {gte: 2}'),
  correlation('Lame', 'type: temporal, rules: [a, w], timespan: 1m'),
  FILTER,
)

describe('rules check', () => {
  const report = checkReport(loaded, ['rules.yml'])
  it('has correlations among the rules, with what makes them', () => {
    const entry = report.rules.find((rule) => 'name' in rule && rule.name === 'First a')
    assert.ok(entry !== undefined && 'correlation' in entry && 'id' in entry && 'level' in entry && 'priority' in entry)
    assert.deepEqual([entry.id, entry.level, entry.priority], ['11-22', 'high', 'Error'])
    assert.deepEqual(entry.correlation, {
      type: 'temporal_ordered',
      rules: [
        { id: 'a ran', title: 'a ran', kind: 'rule' },
        { id: 'b ran', title: 'b ran', kind: 'rule' },
      ],
      groupBy: ['who'],
      timespan: '5m',
      condition: { gte: 2 },
      aliases: { who: { 'a ran': 'User', 'b ran': 'Image' } },
      generate: false,
      speaks: false,
      judgedAt: 'crossing',
    })
  })
  it('says of rules which filters they have and what they feed', () => {
    const entry = report.rules.find((rule) => 'name' in rule && rule.name === 'a ran')
    assert.ok(entry !== undefined && 'filters' in entry && 'feeds' in entry)
    assert.deepEqual([entry.filters, entry.feeds], [['Not root'], { correlations: ['11-22', 'Lame'], speaks: false }])
  })
  it('counts correlations, and what they wait for', () => {
    const [file] = fileCounts(loaded, ['rules.yml'])
    assert.deepEqual([file?.rules, file?.evaluable, file?.waiting, file?.keptOut], [6, 4, 2, 0])
    assert.equal(file?.live, 4, 'correlations of live rules are live, also over other correlations')
    assert.deepEqual(
      waitingFor(loaded).map(({ reason }) => reason),
      ["'w ran' can't fire: events of windows are not collected", 'events of windows are not collected'],
    )
  })
})

describe('rules list', () => {
  it('says which rules only feed others, and shows correlations behind rules', () => {
    const lines = listText(listedRules(loaded.ruleSet), 6, 120).split('\n')
    assert.match(lines.find((line) => line.startsWith('a ran')) ?? '', /on, feeds only/)
    assert.match(lines.find((line) => line.startsWith('Often')) ?? '', /Warning +sigma +of other rules +on$/)
    assert.match(lines.find((line) => line.startsWith('Lame')) ?? '', /waits: 'w ran' can't fire/)
  })
})

describe('rules explain', () => {
  const textOf = (name: string): string => {
    const found = findRuleOrCorrelation(name, loaded.ruleSet)
    assert.ok('members' in found)
    return correlationText(found, loaded.ruleSet, { width: 100, colors })
  }
  it('finds correlations by id and title, and names the nearest', () => {
    assert.equal(findRuleOrCorrelation('11-22', loaded.ruleSet).name, 'First a')
    assert.throws(() => findRuleOrCorrelation('Oftne', loaded.ruleSet), /did you mean 'Often'\?/)
    assert.throws(() => findRule('First a', loaded.ruleSet), /no rule is named/)
  })
  it('tells what feeds a correlation, how it groups and counts, and when it fires', () => {
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
  it('tells why it can not fire, and of which rule', () => {
    const text = textOf('Lame')
    assert.match(text, /^can't fire +'w ran' can't fire: events of windows are not collected$/m)
    assert.match(text, /^rule +w ran - can't fire: events of windows are not collected$/m)
  })
  it('tells the same as data', () => {
    const [, often] = loaded.ruleSet.correlations.filter(({ name }) => name !== 'Lame')
    assert.ok(often !== undefined)
    const data = correlationExplanation(often)
    assert.ok('canFire' in data && 'correlation' in data)
    assert.equal(data.canFire, true)
  })
  it('shows the filters of a rule, and what it feeds through others', () => {
    const text = explanationText(findRule('a ran', loaded.ruleSet), loaded, { width: 120, colors, names: partNames(loaded), isFull: false })
    assert.match(text, /^filter +Not root \(stands in the condition\)$/m)
    assert.match(text, /^feeds +'First a' \(which feeds 'Often'\), 'Lame'; gives no alert of its own$/m)
  })
})

describe('process', () => {
  it('says which correlations it does not judge, in the log and as a number', async () => {
    const lines: unknown[] = []
    const log = { ...SILENT_LOGGER, warn: (fields: unknown) => void lines.push(fields) }
    const metrics = new Metrics()
    tellWaitingCorrelations({ ruleSet: loaded.ruleSet }, log, metrics)
    assert.deepEqual(lines, [{ correlations: ['First a', 'Often'], count: 2 }])
    assert.match(await metrics.text(), /^eunomia_correlations_not_judged 2$/m)
  })
  it('says nothing where there are none', () => {
    const log = { ...SILENT_LOGGER, warn: () => assert.fail('told') }
    tellWaitingCorrelations({ ruleSet: load(programRule('a')).ruleSet }, log, new Metrics())
  })
})
