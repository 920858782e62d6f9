// When correlations fire at all, said in another way than the engine finds it: by looking at every stretch of time.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { correlation, firingsOf, programRule, ruleSetOf, start } from '../../../../support/correlation/program-rules.js'

const ABC = ['a', 'b', 'c'].map((name) => programRule(name))
const rulesOf = (text: string): ReturnType<typeof ruleSetOf> => ruleSetOf(...ABC, correlation('C', `${text}, timespan: 10s`))
const event = fc.record({
  program: fc.constantFrom('a', 'b', 'c'),
  second: fc.integer({ min: 0, max: 60 }),
  value: fc.integer({ min: 0, max: 4 }),
})
const events = fc.array(event, { maxLength: 25 })
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

/** Every stretch of ten seconds that ends with an event. */
const stretches = (all: readonly Event[]): Event[][] =>
  all.map(({ second }) => all.filter((other) => other.second >= second - 10 && other.second <= second).sort((x, y) => x.second - y.second))

function holdsAsSaid(text: string, isEnough: (stretch: readonly Event[]) => boolean): void {
  const rules = rulesOf(text)
  fc.assert(
    fc.property(events, (all) => {
      const firings = firingsOf(
        rules,
        all.map(({ program, second, value }, index) => start(program, second + index / 1e4, { value })),
      )
      const spread = all.map((one, index) => ({ ...one, second: one.second + index / 1e4 }))
      assert.equal(firings.length > 0, stretches(spread).some(isEnough))
      // One alert for a window: the next one starts after the window that fired.
      for (const [index, { startUs }] of firings.entries()) assert.ok(index === 0 || startUs > (firings[index - 1]?.endUs ?? Infinity))
    }),
    { numRuns: 200 },
  )
}

describe('a correlation fires exactly when some stretch of its timespan is as it says', () => {
  it('with so many events', () => holdsAsSaid('type: event_count, rules: [a, b, c], condition: {gte: 4}', (stretch) => stretch.length >= 4))
  it('with so many values', () =>
    holdsAsSaid(
      'type: value_count, rules: [a, b, c], condition: {field: value, gt: 3}',
      (stretch) => new Set(stretch.map(({ value }) => value)).size > 3,
    ))
  it('with all rules', () =>
    holdsAsSaid('type: temporal, rules: [a, b, c]', (stretch) => new Set(stretch.map(({ program }) => program)).size === 3))
  it('with all rules in their order', () =>
    holdsAsSaid('type: temporal_ordered, rules: [a, b, c]', (stretch) => /a.*b.*c/.test(stretch.map(({ program }) => program).join(''))))
  it('with so large a sum', () =>
    holdsAsSaid(
      'type: value_sum, rules: [a, b, c], condition: {field: value, gte: 12}',
      (stretch) => stretch.reduce((sum, { value }) => sum + value, 0) >= 12,
    ))
})
