// Filters: the rules that they apply to, their effect, and the reports on those without effect.
import assert from 'node:assert/strict'
import { FieldMapSource, type FieldMap } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../../../processors/rule-engine/evaluate/prepare.js'
import type { LoadResult } from '../../../../../processors/rule-engine/load/load-rules.js'
import { correlation, load, programRule, ruleSetOf } from '../../../../support/correlation/program-rules.js'

const filter = (
  rules: string,
  detection = 'selection: {User: root}, condition: not selection',
  source = 'product: linux',
  title = 'F',
): string => `title: ${title}\nlogsource: {${source}}\nfilter: {rules: ${rules}, ${detection}}\n`
const warnings = ({ warnings: all }: LoadResult): string[] => all.map(({ code, message }) => `${code} ${message}`)

/** Which of the rules fire on the event. */
function firing(event: FieldMap, ...documents: string[]): string[] {
  const source = new FieldMapSource(event)
  return ruleSetOf(...documents)
    .rules.filter(({ condition }) => prepareExpression(condition)(source) === true)
    .map(({ name }) => name)
}

describe('Sigma filters', () => {
  const rules = [programRule('a', 'id: 11-AA\n'), programRule('b')]
  const root = { Image: '/a', User: 'root' }

  it('take out what they select from the rules that they name, by id or name', () => {
    assert.deepEqual(firing(root, ...rules), ['a ran'])
    for (const reference of ['[a]', '[11-aa]', 'a']) assert.deepEqual(firing(root, ...rules, filter(reference)), [])
    assert.deepEqual(firing({ ...root, User: 'eve' }, ...rules, filter('[a]')), ['a ran'])
    assert.deepEqual(firing(root, ...rules, filter('[b]')), ['a ran'])
  })
  it('are for every rule of their log source with any, all, or an empty list', () => {
    for (const reference of ['any', 'all', '[]']) assert.deepEqual(firing(root, ...rules, filter(reference)), [])
    const others = filter('any', undefined, 'product: linux, category: file_event')
    assert.deepEqual(firing(root, ...rules, others), ['a ran'])
  })
  it('are before or after their rules', () => {
    assert.deepEqual(firing(root, filter('[a]'), ...rules), [])
  })
  it('are joined to the whole condition, and to each other', () => {
    const either = programRule('a').replace('condition: s}', 't: {Image: /z}, condition: s or t}')
    const all = ruleSetOf(either, filter('[a]'), filter('[a]', 'x: {User: eve}, condition: not x', undefined, 'G')).rules
    assert.equal(all[0]?.conditionText, '(s or t) and (not selection) and (not x)')
    assert.deepEqual(all[0].filters, ['F', 'G'])
    assert.match(all[0].compiledText, /^\(\(.* or .*\) and not casefold\(User\) = root and not casefold\(User\) = eve\)$/)
  })
  it('have searches of their own, whatever those of the rule are called', () => {
    assert.deepEqual(firing(root, ...rules, filter('[a]', 's: {User: root}, condition: not 1 of them')), [])
    assert.deepEqual(firing({ ...root, User: 'eve' }, ...rules, filter('[a]', 's: {User: root}, condition: not 1 of them')), ['a ran'])
  })
  it('change the version of the rules that they are for, and of no other', () => {
    const versions = (...documents: string[]): string[] => ruleSetOf(...documents).rules.map(({ version }) => version)
    const [before, after] = [versions(...rules), versions(...rules, filter('[a]'))]
    assert.notEqual(before[0], after[0])
    assert.equal(before[1], after[1])
  })
  it('that match no rule, a correlation, or a rule of another log source are reported', () => {
    assert.deepEqual(warnings(load(...rules, filter('[aa]'))), [
      "LOAD_UNKNOWN_RULE the filter is for none: no rule has the id or name 'aa' (did you mean 'a'?)",
    ])
    const c = correlation('C', 'type: event_count, rules: [b], timespan: 1m, condition: {gte: 2}')
    assert.deepEqual(warnings(load(...rules, c, filter('[C]'))), [
      "LOAD_FILTER_NOT_APPLIED 'C' is a correlation: filters are for rules of events",
    ])
    assert.deepEqual(warnings(load(...rules, filter('[a]', undefined, 'product: windows'))), [
      "LOAD_FILTER_NOT_APPLIED does not apply to 'a ran': that rule is of product linux, category process_creation, the filter of product windows",
    ])
  })
  it('of a field that no record has keep their rules waiting, and say so', () => {
    const [rule] = ruleSetOf(programRule('a'), filter('[a]', 'x: {NoSuchField: y}, condition: not x')).rules
    assert.deepEqual(rule?.unavailable, ["filter 'F': NoSuchField: no record has it"])
  })

  const REFUSED: readonly (readonly [text: string, message: RegExp])[] = [
    [filter('[a]', 'selection: {User: x}'), /'filter' has no 'condition'/],
    [filter('[a]', 'condition: x'), /'filter' has no search/],
    [filter('[a]', 'x: {User: x}, condition: y'), /search 'y' is not defined \(did you mean 'x'\?\)/],
    [filter('[a]', 'x: {User|foo: x}, condition: x'), /unknown modifier 'foo'/],
    [filter('[a]', 'x: {User: x}, condition: [x, x]'), /must be one text/],
    [filter('{a: b}'), /at least one rule/],
    [filter('[a]').replace('logsource: {product: linux}\n', ''), /no 'logsource'/],
    ['title: f\nlogsource: {product: linux}\nfilter: {x: {User: a}, condition: x}\n', /'filter' has no 'rules'/],
  ]
  for (const [text, message] of REFUSED) {
    it(`are refused with ${String(message)}, reported once, and their rules stay unchanged`, () => {
      const { errors, ruleSet } = load(...rules, text)
      assert.equal(errors.length, 1, JSON.stringify(errors))
      assert.match(errors[0]?.message ?? '', message)
      assert.deepEqual(
        ruleSet.rules.map(({ filters }) => filters),
        [[], []],
      )
    })
  }
  it('are limited for one rule, and the excess is reported', () => {
    const many = Array.from({ length: 101 }, (_, index) => filter('[a]', undefined, undefined, `F${String(index)}`))
    const result = load(...rules, ...many)
    assert.equal(result.ruleSet.rules[0]?.filters?.length, 100)
    assert.deepEqual(warnings(result), ['LOAD_FILTER_NOT_APPLIED of 101 filters only the first 100 are applied'])
  })
})
