// Loading of correlations: mistakes with their place, circles, what can't be evaluated and why, identity.
import assert from 'node:assert/strict'
import { loadRules, type LoadResult } from '../../../../../processors/rule-engine/load/load-rules.js'
import { selectRules } from '../../../../../processors/rule-engine/rule-set/rule-set.js'
import { correlation, load, programRule, ruleSetOf } from '../../../../support/correlation/program-rules.js'

const COUNT = 'type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 2}'
const messages = ({ errors }: LoadResult): string[] => errors.map(({ message }) => message)
const withCount = (change: (text: string) => string): LoadResult => load(programRule('a'), correlation('c', change(COUNT)))

describe('correlations', () => {
  it('carry what their file says of them', () => {
    const more = 'id: 11-22\nstatus: test\nlevel: high\nauthor: A\ntags: [attack.t1110]\nreferences: [https://r]\ndescription: d\n'
    const [c] = ruleSetOf(programRule('a'), correlation('Many', COUNT, more)).correlations
    assert.ok(c !== undefined)
    assert.deepEqual(
      [c.id, c.name, c.level, c.priority, c.author, c.desc, c.source],
      ['11-22', 'Many', 'high', 'error', 'A', 'd', 'correlation'],
    )
    assert.deepEqual([c.tags, c.references, c.groupBy], [['attack.t1110'], ['https://r'], ['User']])
    assert.deepEqual(c.timespan, { text: '1m', us: 60_000_000 })
    assert.equal(c.conditionText, "event_count of 'a ran' by User in 1m >= 2")
  })
  it('name rules by id in any case, by name, or by the title of a rule without id', () => {
    const id = '0E95725D-7320-415d-80f7-004da920fc11'
    const rule = programRule('a', `id: ${id}\n`)
    for (const reference of [id.toLowerCase(), id, 'a']) {
      assert.deepEqual(messages(load(rule, correlation('c', COUNT.replace('[a]', `[${reference}]`)))), [])
    }
    assert.deepEqual(messages(load(programRule('a'), correlation('c', COUNT.replace('[a]', `['a ran']`)))), [])
  })

  const SPANS: readonly (readonly [text: string, seconds: number | null])[] = [
    ['90s', 90],
    ['5m', 300],
    ['2h', 7200],
    ['1d', 86_400],
    ['1w', 604_800],
    ['1M', 2_629_746],
    ['1y', 31_556_952],
    ['0s', null],
    ['5', null],
    ['m', null],
    ['-1m', null],
    ['1.5h', null],
    ['5min', null],
    ['1H', null],
    ['3y', null],
    ['99999999999s', null],
  ]
  for (const [text, seconds] of SPANS) {
    it(`take a timespan of ${text} for ${seconds === null ? 'a mistake' : `${String(seconds)} seconds`}`, () => {
      const result = withCount((all) => all.replace('1m', text))
      if (seconds === null) assert.match(messages(result)[0] ?? '', /timespan/)
      else assert.equal(result.ruleSet.correlations[0]?.timespan.us, seconds * 1e6)
    })
  }

  const REFUSED: readonly (readonly [what: string, change: (text: string) => string, message: RegExp])[] = [
    ['no type', (t) => t.replace('type: event_count, ', ''), /'correlation' has no 'type'/],
    ['an unknown type', (t) => t.replace('event_count', 'event_cuont'), /unknown type 'event_cuont' \(did you mean 'event_count'\?\)/],
    ['no rules', (t) => t.replace('rules: [a], ', ''), /'correlation' has no 'rules'/],
    ['an empty list of rules', (t) => t.replace('[a]', '[]'), /at least one rule/],
    ['a rule that is not there', (t) => t.replace('[a]', '[aa]'), /no rule has the id or name 'aa' \(did you mean 'a'\?\)/],
    ['a rule twice', (t) => t.replace('[a]', '[a, a]'), /rule 'a' occurs twice/],
    ['a rule by its name and by its title', (t) => t.replace('[a]', "[a, 'a ran']"), /'a ran' is the same rule as 'a'/],
    ['no timespan', (t) => t.replace('timespan: 1m, ', ''), /has no 'timespan'/],
    ['no condition', (t) => t.replace(', condition: {gte: 2}', ''), /'correlation' has no 'condition'/],
    ['a condition without comparison', (t) => t.replace('{gte: 2}', '{field: x}'), /compares with nothing/],
    ['an unknown comparison', (t) => t.replace('gte', 'get'), /unknown key of condition 'get' \(did you mean 'gt'\?\)/],
    ['a comparison with a word', (t) => t.replace('gte: 2', 'gte: many'), /'gte' must be a number/],
    ['a condition that is a text', (t) => t.replace('{gte: 2}', "'a and b'"), /must be a mapping/],
    ['a key that is none', (t) => t.replace('group-by', 'group_by'), /unknown key of correlation 'group_by' \(did you mean 'group-by'\?\)/],
    ['a field where events are counted', (t) => t.replace('gte: 2', 'gte: 2, field: x'), /'field' has no meaning for event_count/],
    ['no field where values are counted', (t) => t.replace('event_count', 'value_count'), /has no 'field'/],
    ['a percentile for a count', (t) => t.replace('gte: 2', 'gte: 2, percentile: 5'), /'percentile' has no meaning/],
    [
      'an alias of a rule that it does not name',
      (t) => `${t}, aliases: {x: {b: User}}`,
      /alias 'x' is of rule 'b', which is none of its rules: a/,
    ],
    ['an alias without fields', (t) => `${t}, aliases: {x: {}}`, /alias 'x' names no field/],
    ['generate that is no flag', (t) => `${t}, generate: maybe`, /'generate' must be true or false/],
  ]
  for (const [what, change, message] of REFUSED) {
    it(`with ${what} are refused, and the rules that they name stay`, () => {
      const result = withCount(change)
      assert.equal(result.errors.length, 1, JSON.stringify(messages(result)))
      assert.match(messages(result)[0] ?? '', message)
      assert.deepEqual([result.ruleSet.rules.length, result.ruleSet.correlations.length], [1, 0])
      assert.deepEqual(result.ruleSet.rules[0]?.feeds, undefined)
    })
  }
  it('report the position of a reference to nothing', () => {
    const text = `${programRule('a')}---\ntitle: c\ncorrelation:\n  type: temporal\n  rules:\n    - a\n    - bb\n  timespan: 1m\n`
    const [error] = loadRules([{ name: 'x.yml', text }]).errors
    assert.deepEqual([error?.code, error?.item, error?.place], ['LOAD_ERR_VALIDATE', 'c', { file: 'x.yml', line: 11, column: 7 }])
  })
  it('that feed each other in a circle are refused with the circle, and so is what rests on them', () => {
    const next = (name: string, rule: string): string =>
      correlation(name.toUpperCase(), COUNT.replace('[a]', `[${rule}]`), `name: ${name}\n`)
    const result = load(next('x', 'y'), next('y', 'z'), next('z', 'x'), next('over', 'x'))
    assert.deepEqual(messages(result), ["correlations feed each other in a cycle: 'x' <- 'y' <- 'z' <- 'x'"])
    assert.equal(result.ruleSet.correlations.length, 0)
    assert.deepEqual(result.ruleSet.quarantined.map(({ name }) => name).sort(), ['OVER', 'X', 'Y', 'Z'])
  })
  it('of a broken rule are left out with it, and reported once', () => {
    const result = load(programRule('a').replace('condition: s', 'condition: t'), correlation('c', COUNT))
    assert.equal(result.errors.length, 1)
    assert.deepEqual(
      result.ruleSet.quarantined.map(({ name }) => name),
      ['a ran', 'c'],
    )
  })
  it('of two rules with the same name are refused', () => {
    const twin = programRule('b').replace('name: b', 'name: a')
    assert.match(messages(load(programRule('a'), twin, correlation('c', COUNT)))[0] ?? '', /2 rules are named 'a'/)
  })
})

describe('correlations that can not be evaluated here', () => {
  const windows = (name: string): string => programRule(name).replace('product: linux', 'product: windows')
  const why = (...documents: string[]): readonly string[] =>
    ruleSetOf(...documents).correlations.map(({ unavailable }) => unavailable.join('; '))

  it('say which rule below can not fire, and why, through chains', () => {
    const inner = correlation('inner', COUNT, 'name: inner\n')
    const outer = correlation('outer', COUNT.replace('[a]', '[inner]'))
    const reason = "'a ran' can't fire: events of windows are not collected"
    assert.deepEqual(why(windows('a'), inner, outer), [reason, `'inner' can't fire: ${reason}`])
  })
  it('are those that need all their rules, or what did not happen; the others go on, and say what they lack', () => {
    const both = (text: string): string => correlation('c', text)
    const rules = [programRule('a'), windows('b')]
    const reason = "'b ran' can't fire: events of windows are not collected"
    assert.deepEqual(why(...rules, both('type: temporal, rules: [a, b], timespan: 1m')), [reason])
    assert.deepEqual(why(...rules, both('type: event_count, rules: [a, b], timespan: 1m, condition: {lt: 5}')), [reason])
    const counting = both('type: event_count, rules: [a, b], timespan: 1m, condition: {gte: 5}')
    assert.deepEqual(why(...rules, counting), [''])
    assert.deepEqual(
      load(...rules, counting).warnings.map(({ code, message }) => [code, message]),
      [['LOAD_PARTLY_EVALUATED', `it is evaluated without some of its rules: ${reason}`]],
    )
  })
  it('are those that group by, or count, what no event of a rule has', () => {
    const by = (field: string): readonly string[] => why(programRule('a'), correlation('c', COUNT.replace('[User]', `[${field}]`)))
    assert.deepEqual(by('NoSuchField'), ["NoSuchField of 'a ran': no record has it"])
    assert.deepEqual(by('Image, NoSuchField'), ["NoSuchField of 'a ran': no record has it"])
    for (const field of ['Image', 'ComputerName', 'container.id', 'proc.pname', "'proc.aname[2]'"]) assert.deepEqual(by(field), [''], field)
    const aliased = correlation('c', `${COUNT.replace('[User]', '[who]')}, aliases: {who: {a: LogonGuid}}`)
    assert.deepEqual(why(programRule('a'), aliased), ["LogonGuid of 'a ran': no record has it"])
  })
  it('are those that require more than is stored, or more rules than there are', () => {
    assert.match(why(programRule('a'), correlation('c', COUNT.replace('gte: 2', 'gte: 10001')))[0] ?? '', /at most 10000 are stored/)
    assert.deepEqual(why(programRule('a'), correlation('c', COUNT.replace('gte: 2', 'gte: 10000'))), [''])
    const temporal = correlation('c', 'type: temporal, rules: [a], timespan: 1m, condition: {gte: 2}')
    assert.match(why(programRule('a'), temporal)[0] ?? '', /asks for 2 different rules and names 1/)
    const percentile = correlation('c', 'type: value_percentile, rules: [a], timespan: 1m, condition: {field: ProcessId, lte: 1}')
    assert.match(why(programRule('a'), percentile)[0] ?? '', /which percentile/)
  })
})

describe('the identity of a correlation', () => {
  const version = (...documents: string[]): string | undefined => ruleSetOf(...documents).correlations[0]?.version

  it('changes with anything that it does, and with the rules that feed it', () => {
    const versions = [
      COUNT,
      COUNT.replace('gte: 2', 'gte: 3'),
      COUNT.replace('1m', '2m'),
      COUNT.replace('[User]', '[Image]'),
      `${COUNT.replace('[User]', '[x]')}, aliases: {x: {a: User}}`,
      `${COUNT.replace('[User]', '[x]')}, aliases: {x: {a: Image}}`,
    ].map((text) => version(programRule('a'), correlation('c', text)))
    const other = programRule('a').replace('/a', '/z')
    assert.equal(new Set([...versions, version(other, correlation('c', COUNT))]).size, 7)
    assert.equal(version(programRule('a'), correlation('c', COUNT)), versions[0])
  })
  it('is part of the hash of the set', () => {
    const hash = (...documents: string[]): string => ruleSetOf(...documents).hash
    const silent = hash(programRule('a'), correlation('c', COUNT))
    assert.notEqual(hash(programRule('a')), silent)
    assert.notEqual(hash(programRule('a'), correlation('c', `${COUNT}, generate: true`)), silent)
  })
})

describe('a selection of rules', () => {
  it('leaves the rules below the least priority that feed a correlation above it, and they are silent', () => {
    const files = [
      {
        name: 'x',
        text: [
          programRule('a', 'level: low\n'),
          programRule('b', 'level: low\n'),
          correlation('c', `${COUNT}, generate: true`, 'level: high\n'),
        ].join('---\n'),
      },
    ]
    const { ruleSet } = loadRules(files, { minPriority: 'error' })
    assert.deepEqual(
      ruleSet.rules.map(({ name, feeds }) => [name, feeds?.isSilent]),
      [['a ran', true]],
    )
    assert.deepEqual(
      ruleSet.correlations.map(({ name }) => name),
      ['c'],
    )
    assert.equal(loadRules(files, { minPriority: 'critical' }).ruleSet.correlations.length, 0)
  })
  it('switches correlations off with all that they feed', () => {
    const inner = correlation('inner', COUNT, 'name: inner\n')
    const outer = correlation('outer', COUNT.replace('[a]', '[inner]'))
    const all = ruleSetOf(programRule('a'), inner, outer)
    const feeds = (disableRules: string[]): number | undefined => selectRules(all, { disableRules }).rules[0]?.feeds?.taps.length
    assert.equal(feeds(['nothing']), 1)
    assert.equal(feeds(['inner']), 0)
    assert.equal(selectRules(all, { disableRules: ['outer'] }).rules[0]?.feeds?.taps[0]?.above.length, 0)
    assert.deepEqual(
      selectRules(all, { disableRules: ['inner'] }).correlations.map(({ isEnabled }) => isEnabled),
      [false, true],
    )
  })
})

describe('hostile correlations', () => {
  it('that multiply the ways of a rule are refused, and the ones below go on', () => {
    const layers = Array.from({ length: 12 }, (_, layer) =>
      [0, 1].map((side) => {
        const below = layer === 0 ? 'a' : `l${String(layer - 1)}_0, l${String(layer - 1)}_1`
        const name = `l${String(layer)}_${String(side)}`
        return correlation(name, COUNT.replace('[a]', `[${below}]`), `id: ${name}-id\nname: ${name}\n`)
      }),
    ).flat()
    const { errors, ruleSet } = load(programRule('a'), ...layers)
    assert.match(errors[0]?.message ?? '', /feeds correlations in more than 1000 ways/)
    assert.equal(errors.length <= 2, true)
    assert.equal(ruleSet.correlations.length > 10, true)
  })
  it('in a chain without end are refused', () => {
    const chain = Array.from({ length: 40 }, (_, index) =>
      correlation(
        `c${String(index)}`,
        COUNT.replace('[a]', `[${index === 0 ? 'a' : `n${String(index - 1)}`}]`),
        `name: n${String(index)}\n`,
      ),
    )
    assert.match(messages(load(programRule('a'), ...chain.reverse()))[0] ?? '', /deeper than 20/)
  })
  it('with names of JavaScript are no more than names', () => {
    const text = COUNT.replace('[User]', '[__proto__, constructor]')
    const [c] = ruleSetOf(programRule('a'), correlation('c', text)).correlations
    assert.deepEqual(c?.groupBy, ['__proto__', 'constructor'])
  })
  it('of any text give errors and never an exception', () => {
    const assertRefused = (text: string): void => {
      const { errors, ruleSet } = load(programRule('a'), text)
      assert.ok(errors.length > 0, text)
      assert.deepEqual([ruleSet.rules.map(({ name }) => name), ruleSet.correlations.length], [['a ran'], 0], text)
    }
    for (const value of ['null', '[]', '{}', '1', 'x', '[[a]]', '{a: b}', '[{a: b}]', '~', "''"]) {
      for (const key of ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']) {
        assertRefused(
          `title: c\ncorrelation:\n  type: event_count\n  ${key}: ${value}\n`.replace(/ {2}type: event_count\n {2}type/, '  type'),
        )
      }
      assertRefused(`title: c\ncorrelation: ${value}\n`)
      assertRefused(`title: f\nlogsource: {product: linux}\nfilter: ${value}\n`)
    }
  })
})
