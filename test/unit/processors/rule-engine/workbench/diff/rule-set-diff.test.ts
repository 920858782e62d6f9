// Two rule sets compared: what counts as another meaning, and which rules moved.
import assert from 'node:assert/strict'
import { diffRuleSets, type Aspect } from '../../../../../../processors/rule-engine/workbench/diff/rule-set-diff.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../../../../processors/rule-engine/rule-set/rule-set.js'

interface Written {
  readonly rule: string
  readonly condition?: string
  readonly output?: string
  readonly priority?: string
  readonly enabled?: boolean
  readonly tags?: readonly string[]
}

const BASE = { desc: 'd', condition: 'evt.type = execve and proc.name = a', output: 'o', priority: 'NOTICE' }

function setOf(rules: readonly Written[], prelude: readonly object[] = []): RuleSet {
  const { ruleSet, errors } = loadRules([
    { name: 'r.yaml', text: JSON.stringify([...prelude, ...rules.map((rule) => ({ ...BASE, ...rule }))]) },
  ])
  assert.deepEqual(errors, [])
  return ruleSet
}

function aspectsOf(before: Partial<Written>, after: Partial<Written>): readonly Aspect[] {
  const { changed } = diffRuleSets(setOf([{ rule: 'r', ...before }]), setOf([{ rule: 'r', ...after }]))
  return changed[0]?.aspects ?? []
}

const EXEC = 'evt.type = execve and'

describe('diffRuleSets', () => {
  const meanings: readonly (readonly [about: string, before: string, after: string, aspects: readonly Aspect[]])[] = [
    ['blanks', `${EXEC} proc.name = a`, `${EXEC}  proc.name   =  a`, []],
    ['the order of and', `${EXEC} proc.name = a`, `proc.name = a and evt.type = execve`, ['wording']],
    ['groups within groups', `${EXEC} (proc.name = a and proc.pid > 1)`, `${EXEC} proc.name = a and proc.pid > 1`, ['wording']],
    ['the order of a list', `${EXEC} proc.name in (a, b)`, `${EXEC} proc.name in (b, a)`, ['wording']],
    ['a repeated check', `${EXEC} proc.name = a`, `${EXEC} proc.name = a and proc.name = a`, ['wording']],
    ['two negations', `${EXEC} proc.name = a`, `${EXEC} not (not (proc.name = a))`, ['wording']],
    ['another value', `${EXEC} proc.name = a`, `${EXEC} proc.name = b`, ['meaning']],
    ['a longer list', `${EXEC} proc.name in (a)`, `${EXEC} proc.name in (a, b)`, ['meaning']],
    ['and in place of or', `${EXEC} (proc.name = a or proc.pid > 1)`, `${EXEC} (proc.name = a and proc.pid > 1)`, ['meaning']],
    ['a negation that says less than it seems', `${EXEC} not proc.name = a`, `${EXEC} proc.name != a`, ['meaning']],
  ]
  for (const [about, before, after, aspects] of meanings) {
    it(`reports ${aspects.join(', ') || 'nothing'} for ${about}`, () => {
      assert.deepEqual(aspectsOf({ condition: before }, { condition: after }), aspects)
    })
  }

  it('sees through macros and lists', () => {
    const rule = { rule: 'r', condition: 'evt.type = execve and shell' }
    const listOf = (...items: readonly string[]): object[] => [
      { list: 'shells', items },
      { macro: 'shell', condition: 'proc.name in (shells)' },
    ]
    const { changed } = diffRuleSets(setOf([rule], listOf('sh')), setOf([rule], listOf('sh', 'bash')))
    assert.deepEqual(
      changed.map(({ aspects }) => aspects),
      [['meaning']],
    )
  })

  it('distinguishes output, priority, tags and state', () => {
    assert.deepEqual(aspectsOf({}, { output: 'p' }), ['output'])
    assert.deepEqual(aspectsOf({}, { priority: 'ERROR' }), ['priority'])
    assert.deepEqual(aspectsOf({ tags: ['a', 'b'] }, { tags: ['b', 'a'] }), [])
    assert.deepEqual(aspectsOf({ tags: ['a'] }, { tags: ['b'] }), ['tags'])
    assert.deepEqual(aspectsOf({}, { enabled: false }), ['state'])
  })

  it('names what came and what went', () => {
    const { added, removed, same } = diffRuleSets(setOf([{ rule: 'a' }, { rule: 'b' }]), setOf([{ rule: 'b' }, { rule: 'c' }]))
    assert.deepEqual([added.map(({ name }) => name), removed.map(({ name }) => name), same], [['c'], ['a'], 1])
  })

  it('compares correlations by what they count, not by the order in which rules are named', () => {
    const base = 'title: a\nid: a\nlogsource: {product: linux, category: process_creation}\ndetection: {s: {Image: /bin/a}, condition: s}\n'
    const other = base.replaceAll(' a\n', ' b\n')
    const setWith = (rules: string, count: number): RuleSet => {
      const correlation = `title: c\nid: c\ncorrelation: {type: event_count, rules: [${rules}], group-by: [User], timespan: 5m, condition: {gte: ${String(count)}}}\n`
      const { ruleSet, errors } = loadRules([{ name: 'c.yml', text: [base, other, correlation].join('---\n') }])
      assert.deepEqual(errors, [])
      assert.equal(ruleSet.correlations.length, 1)
      return ruleSet
    }
    const aspects = (before: RuleSet, after: RuleSet): unknown =>
      diffRuleSets(before, after).changed.map((change) => [change.after.id, change.aspects])
    assert.deepEqual(aspects(setWith('a, b', 3), setWith('a, b', 4)), [['c', ['meaning']]])
    assert.deepEqual(aspects(setWith('a, b', 3), setWith('a', 3)), [['c', ['meaning']]])
    assert.deepEqual(aspects(setWith('a, b', 3), setWith('a, b', 3)), [])
  })

  it('names the one rule that moved, not those that it passed', () => {
    const before = setOf(['a', 'b', 'c', 'd'].map((rule) => ({ rule })))
    const after = setOf(['d', 'a', 'b', 'c'].map((rule) => ({ rule })))
    const { changed } = diffRuleSets(before, after)
    assert.deepEqual(
      changed.map(({ after: { name }, aspects }) => [name, aspects]),
      [['d', ['place in order']]],
    )
  })
})
