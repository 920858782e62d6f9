// What rules ask a collector to watch: one rule at a time, and that no event that any rule of the corpora matches is left out.
import assert from 'node:assert/strict'
import type { Watch } from '../../../../../infra/watch-plan/watch-plan.js'
import { createPlainEvaluator } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { isCovered } from '../../../../../processors/rule-engine/plan/coverage.js'
import { forensicPlan, planFor } from '../../../../../processors/rule-engine/plan/plan-watches.js'
import { readRuleFiles } from '../../../../../processors/rule-engine/load/rule-files.js'
import { aimedEvent } from '../../../../support/generator/aimed-events.js'
import { Random } from '../../../../support/generator/random.js'
import { falcoTargets, sigmaTargets } from '../../../../support/generator/targets.js'
import { sharedPath } from '../../../../support/shared-folder.js'
import { reachesCollector } from '../../../../support/watch-plan/reaches-collector.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'

function watchesOf(...conditions: readonly string[]): readonly Watch[] {
  return planOf(...conditions).watches
}

function planOf(...conditions: readonly string[]): ReturnType<typeof planFor> {
  const rules = conditions.map((condition, index) => ({
    rule: `rule ${String(index)}`,
    desc: 'd',
    condition,
    output: 'o',
    priority: 'DEBUG',
  }))
  const { ruleSet, errors } = loadRules([{ name: 'test.yaml', text: JSON.stringify(rules) }])
  assert.deepEqual(errors, [])
  return planFor(ruleSet)
}

const OPEN = 'evt.type in (open, openat)'
const anyOpen: Watch = {
  topic: 'file',
  eventTypes: ['open', 'openat'],
  outcome: null,
  intents: null,
  paths: null,
  givenPaths: null,
  routes: null,
  rules: ['rule 0'],
}

describe('planFor', () => {
  const cases: readonly (readonly [about: string, condition: string, expected: Partial<Watch>])[] = [
    ['the types', OPEN, {}],
    ['calls that succeeded', `${OPEN} and fd.num >= 0`, { outcome: 'succeeded' }],
    ['calls that failed', `${OPEN} and evt.rawres < 0`, { outcome: 'failed' }],
    ['failed calls, by the negation', `${OPEN} and not evt.failed = false`, { outcome: 'failed' }],
    ['either outcome, where both are named', `${OPEN} and (evt.rawres >= 0 or evt.res = EACCES)`, {}],
    ['any place and process, which the probes do not evaluate', `${OPEN} and container.id != host and proc.name = cat`, {}],
    ['writes only', `${OPEN} and evt.is_open_write = true`, { intents: ['write'] }],
    [
      'reads and writes, but no other opens',
      `${OPEN} and (evt.is_open_read = true or evt.is_open_write = true)`,
      { intents: ['read', 'write'] },
    ],
    ['new files with a set-user-id bit', `${OPEN} and evt.is_open_setid = true`, { intents: ['setId'] }],
    [
      'new files, and those without a name that have such a bit',
      `${OPEN} and (evt.is_open_create = true or evt.is_open_setid = true)`,
      { intents: ['created', 'setId'] },
    ],
    ['all opens, where one that does neither may be meant', `${OPEN} and not evt.is_open_write = true`, {}],
    ['calls of a foreign ABI', `${OPEN} and evt.route in (x32, compat32)`, { routes: ['compat32', 'x32'] }],
    ['every route, for the events that have none', `${OPEN} and not evt.route = x32`, {}],
    ['a path', `${OPEN} and fd.name = /etc/shadow`, { paths: [{ kind: 'path', text: '/etc/shadow' }] }],
    [
      'a folder and what is in it',
      `${OPEN} and fd.directory = /etc`,
      {
        paths: [
          { kind: 'path', text: '/etc' },
          { kind: 'prefix', text: '/etc/' },
        ],
      },
    ],
    ['the root by its name', `${OPEN} and fd.filename = /`, { paths: [{ kind: 'path', text: '/' }] }],
    [
      'names of one letter, and the root, which is called so',
      `${OPEN} and fd.filename glob ?`,
      {
        paths: [
          { kind: 'glob', text: '*/?' },
          { kind: 'path', text: '/' },
        ],
      },
    ],
    ['any path, for a glob of names that only the root can have', `${OPEN} and fd.filename glob */`, {}],
    ['a name', `${OPEN} and fd.filename in (id_rsa)`, { paths: [{ kind: 'name', text: 'id_rsa' }] }],
    [
      'paths below, up to a wildcard',
      `${OPEN} and fd.name pmatch (//etc/, /home/*/.ssh)`,
      {
        paths: [
          { kind: 'prefix', text: '/etc' },
          { kind: 'prefix', text: '/home' },
        ],
      },
    ],
    [
      'the narrower of two',
      `${OPEN} and fd.name startswith /proc and fd.name in (/proc/a, /proc/b)`,
      {
        paths: [
          { kind: 'path', text: '/proc/a' },
          { kind: 'path', text: '/proc/b' },
        ],
      },
    ],
    [
      'a name rather than a tree',
      `${OPEN} and fd.name startswith /proc/ and fd.name endswith /mem`,
      { paths: [{ kind: 'suffix', text: '/mem' }] },
    ],
    ['a glob', `${OPEN} and fd.name glob /etc/ssh/*_key`, { paths: [{ kind: 'glob', text: '/etc/ssh/*_key' }] }],
    ['a glob of names', `${OPEN} and fd.filename glob *.pem`, { paths: [{ kind: 'glob', text: '*/*.pem' }] }],
    ['any folder, where it ends so', `${OPEN} and fd.directory endswith .ssh`, { paths: [{ kind: 'part', text: '.ssh' }] }],
    [
      'what every match of an expression holds',
      `${OPEN} and fd.name regex ".*/cpu/[0-9]+/msr"`,
      { paths: [{ kind: 'part', text: '/cpu/' }] },
    ],
    [
      'what it holds before a letter beyond ASCII',
      `${OPEN} and fd.name regex ".*/daté-[0-9]+"`,
      { paths: [{ kind: 'part', text: '/dat' }] },
    ],
    ['any path, for an expression that any may match', `${OPEN} and fd.name regex ".*[0-9]"`, {}],
    ['a path as it was given', `${OPEN} and fd.nameraw glob */proc/*/root/*`, { givenPaths: [{ kind: 'glob', text: '*/proc/*/root/*' }] }],
    ['any path, where only others are excluded', `${OPEN} and not fd.name startswith /proc`, {}],
    ['a text of any case', `${OPEN} and fd.name icontains passwd`, { paths: [{ kind: 'part', text: 'passwd', ignoresCase: true }] }],
    ['any path, where one side of an or says none', `${OPEN} and (fd.name = /etc/shadow or proc.name = cat)`, {}],
  ]
  for (const [about, condition, expected] of cases) {
    it(`watches for ${about}: ${condition}`, () => {
      assert.deepEqual(watchesOf(condition), [{ ...anyOpen, ...expected }])
    })
  }

  it('asks other things of other types, where the condition does', () => {
    const watches = watchesOf(
      '(evt.type = open and evt.is_open_write = true and fd.name = /etc/passwd) or (evt.type = chmod and evt.rawres >= 0) or evt.type = execve',
    )
    assert.deepEqual(
      watches.map(({ topic, eventTypes, outcome, intents, paths }) => ({ topic, eventTypes, outcome, intents, paths })),
      [
        { topic: 'process', eventTypes: ['execve'], outcome: null, intents: null, paths: null },
        { topic: 'file', eventTypes: ['open'], outcome: null, intents: ['write'], paths: [{ kind: 'path', text: '/etc/passwd' }] },
        { topic: 'file', eventTypes: ['chmod'], outcome: 'succeeded', intents: null, paths: null },
      ],
    )
  })

  it('joins rules that ask for the same, and keeps others apart', () => {
    const watches = watchesOf(OPEN, `${OPEN} and fd.name = /etc/shadow`, `${OPEN} and proc.cwd exists`)
    assert.deepEqual(
      watches.map(({ rules, paths }) => ({ rules, paths })),
      [
        { rules: ['rule 0', 'rule 2'], paths: null },
        { rules: ['rule 1'], paths: [{ kind: 'path', text: '/etc/shadow' }] },
      ],
    )
  })

  it('takes no descriptor that a call was given for its result', () => {
    const outcomes = watchesOf('evt.type in (fchmod, open) and fd.num >= 0').map(({ eventTypes, outcome }) => [...eventTypes, outcome])
    assert.deepEqual(outcomes, [
      ['open', 'succeeded'],
      ['fchmod', null],
    ])
  })

  it('requests names of addresses whenever an alert may have one', () => {
    assert.equal(planOf('evt.type = connect').dnsNames, true)
    assert.equal(planOf(OPEN).dnsNames, false)
  })

  it('asks for nothing where a rule can never match, or is off', () => {
    assert.deepEqual(watchesOf(`${OPEN} and evt.failed = true and evt.failed = false`), [])
  })

  it('of the forensic mode is everything, whatever the rules', () => {
    const { mode, watches, ruleSetHash } = forensicPlan()
    assert.deepEqual([mode, ruleSetHash], ['forensic', null])
    assert.deepEqual(
      watches.map(({ topic }) => topic),
      ['process', 'file', 'network', 'kernel'],
    )
    for (const watch of watches) assert.deepEqual([watch.outcome, watch.intents, watch.paths, watch.givenPaths], Array(4).fill(null))
  })

  it('leaves no event out that a rule of the corpora matches', function () {
    const falco = sharedPath('corpora', 'falco')
    const sigma = sharedPath('corpora', 'sigma')
    if (falco === null || sigma === null) return skipWithoutCorpora(this)
    const { ruleSet } = loadRules(readRuleFiles([falco, sigma]).files)
    const plan = planFor(ruleSet)
    const reaches = reachesCollector(plan)
    const evaluator = createPlainEvaluator(ruleSet, { matching: 'all' })
    const textsBelow = (folder: string): string[] => readRuleFiles([folder]).files.map(({ text }) => text)
    const targets = [...falcoTargets(textsBelow(falco)), ...sigmaTargets(textsBelow(sigma))]
    const random = new Random(7)
    let matched = 0
    for (let round = 0; round < 5; round++) {
      for (const target of targets) {
        const event = aimedEvent(target, random)
        if (event === null) continue
        const { matched: rules, waiting } = evaluator.evaluate(event)
        if (rules.length + waiting.length === 0) continue
        matched++
        assert.ok(isCovered(event, plan.watches) && reaches(event), `${rules.map(({ name }) => name).join(', ')}: ${JSON.stringify(event)}`)
      }
    }
    assert.ok(matched > targets.length, `only ${String(matched)} of the events matched: that proves little`)
  })
})
