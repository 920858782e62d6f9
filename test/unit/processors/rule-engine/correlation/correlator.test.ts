// The correlator over its memory store: order of events, lateness, waiting events, bounds, alerts.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { correlation, programRule, ruleSetOf } from '../../../../support/correlation/program-rules.js'
import { BEGIN_US, TestCorrelator, type TestMatch } from '../../../../support/correlation/test-correlator.js'

const COUNT = 'type: event_count, rules: [a], group-by: [User], timespan: 10s, condition: {gte: 3}'
const counting = ruleSetOf(programRule('a'), correlation('Many', COUNT, 'level: high\ntags: [t]\nauthor: me\n'))
const at = (second: number, user = 'root'): TestMatch => ({ rule: 'a', second, user })

describe('a correlator', () => {
  it('gives the alert of the event that completed the window, with what was counted', async () => {
    const test = new TestCorrelator(counting)
    await test.observe(at(0), at(1), at(2))
    const [alert, ...others] = await test.until(10)
    assert.deepEqual(others, [])
    assert.ok(alert !== undefined)
    const { ruleVersion } = alert
    const [{ id = '', version = '' } = {}] = counting.correlations
    assert.deepEqual(
      [alert.rule, alert.ruleId, ruleVersion, alert.priority, alert.tags, alert.author],
      ['Many', id, version, 'error', ['t'], 'me'],
    )
    assert.equal(alert.output, 'Many: 3 events in 10s (User=root)')
    assert.deepEqual(alert.outputFields, { User: 'root', count: 3 })
    assert.equal(alert.origin.wallTimeUs, BEGIN_US + 2e6)
    assert.equal(alert.process.exePath, '/a')
    assert.equal(alert.ruleSetHash, 'hash')
    const { hostId, bootId, epoch, cpu } = alert.origin
    const eventId = (seq: number): string => [hostId, bootId, epoch, 'eunomia.process.v1', cpu, seq].join('/')
    assert.deepEqual(alert.correlation, {
      type: 'event_count',
      ruleIds: ['a ran'],
      groupBy: { User: 'root' },
      windowStartUs: BEGIN_US,
      windowEndUs: BEGIN_US + 10e6,
      count: 3,
      eventIds: [0, 1e6, 2e6].map(eventId),
      eventCount: 3,
    })
  })
  it('waits for the lateness, for an earlier event may come, and evaluates it in its place', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000 })
    await test.observe(at(1), at(2))
    assert.deepEqual(await test.advance(), [])
    await test.observe(at(3), at(0))
    assert.deepEqual(await test.advance(), [])
    const [alert] = await test.until(6)
    assert.equal(alert?.correlation?.windowStartUs, BEGIN_US)
    assert.equal(alert.origin.wallTimeUs, BEGIN_US + 2e6)
  })
  it('does not count events that arrive later, and reports them', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000 })
    await test.observe(at(0), at(1))
    assert.deepEqual(await test.until(5), [])
    await test.observe(at(2))
    assert.deepEqual(await test.until(20), [])
    assert.equal(await test.metric('eunomia_correlation_lost_total{reason="late"}'), 1)
  })
  it('counts an event once however often it arrives', async () => {
    const test = new TestCorrelator(counting)
    await test.observe(at(0), at(1))
    await test.observe(at(0), at(1))
    assert.deepEqual(await test.until(20), [])
  })
  it('goes on by the clock where nothing more comes', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000, quietMs: 2000 })
    await test.observe(at(0), at(1), at(2))
    test.clock.advance(1000)
    assert.deepEqual(await test.advance(), [])
    test.clock.advance(3000)
    assert.equal((await test.advance()).length, 1)
  })
  it('waits for the slowest topic until that is quiet', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000, quietMs: 2000 })
    test.correlator.reached('process', BEGIN_US + 1e6)
    await test.correlator.add([at(0), at(1), at(2)].flatMap((match) => test.observationsOf(match)))
    test.correlator.reached('file', BEGIN_US + 60e6)
    assert.deepEqual(await test.advance(), [])
    test.clock.advance(2500)
    test.correlator.reached('file', BEGIN_US + 61e6)
    assert.equal((await test.advance()).length, 1)
  })
  it('lets time stand at an event that waits for facts, until it is evaluated or its deadline is over', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000 })
    await test.observe(at(0), at(1))
    test.correlator.hold('x', BEGIN_US + 0.5e6, BEGIN_US + 10e6)
    assert.deepEqual(await test.until(14), [])
    await test.observe(at(0.5))
    test.correlator.release('x')
    assert.equal((await test.until(15)).length, 1)
    await test.observe(at(20), at(21), at(22))
    test.correlator.hold('lost', BEGIN_US + 20e6, BEGIN_US + 30e6)
    assert.deepEqual(await test.until(34), [])
    assert.equal((await test.until(36)).length, 1)
  })
  it('evaluates windows at their end by the same time, and leaves open ones open when it ends', async () => {
    const few = ruleSetOf(programRule('a'), correlation('Few', COUNT.replace('gte: 3', 'lt: 3')))
    const test = new TestCorrelator(few)
    await test.observe(at(0), at(1))
    assert.deepEqual(await test.until(12), [])
    assert.deepEqual(
      (await test.until(12.5)).map(({ output }) => output),
      ['Few: 2 events in 10s (User=root)'],
    )
    await test.observe(at(20))
    assert.deepEqual(await test.finish(), [])
  })
  it('is not made blind by one event far ahead of the clock', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000 })
    test.correlator.reached('process', BEGIN_US + 3600e6)
    assert.deepEqual(await test.advance(), [])
    await test.observe(at(100), at(101), at(102))
    assert.equal((await test.until(110)).length, 1)
  })
  it('starts over when the clock is set back, and logs it', async () => {
    const test = new TestCorrelator(counting, { latenessMs: 2000 })
    await test.observe(at(3600), at(3601))
    assert.deepEqual(await test.until(3610), [])
    test.clock.advance(-3610_000)
    assert.deepEqual(await test.advance(), [])
    assert.deepEqual([test.store.size, test.store.observations, test.store.waiting], [0, 0, 0])
    assert.equal(await test.metric('eunomia_correlation_clock_steps_total'), 1)
    await test.observe(at(0), at(1), at(2))
    assert.equal((await test.until(10)).length, 1)
  })
  it('keeps the windows of a correlation apart from those of its next version', async () => {
    const test = new TestCorrelator(counting)
    const next = new TestCorrelator(ruleSetOf(programRule('a'), correlation('Many', COUNT.replace('gte: 3', 'gte: 2'))))
    await test.correlator.add([...test.observationsOf(at(0)), ...next.observationsOf(at(1)), ...test.observationsOf(at(2))])
    assert.deepEqual(await test.until(20), [])
  })
  it('is silent for what only feeds others', async () => {
    const inner = correlation('Inner', COUNT, 'name: inner\n')
    const outer = correlation('Outer', 'type: event_count, rules: [inner], timespan: 1m, condition: {gte: 2}')
    const test = new TestCorrelator(ruleSetOf(programRule('a'), inner, outer))
    await test.observe(...[0, 1, 2, 20, 21, 22].map((second) => at(second)))
    const alerts = await test.until(30)
    assert.deepEqual(
      alerts.map(({ output }) => output),
      ['Outer: 2 events in 1m'],
    )
    assert.equal(
      alerts[0]?.correlation?.eventIds.every((id) => /^[0-9a-f]{32}$/.test(id)),
      true,
    )
  })
})

describe('the bounds of a correlator', () => {
  it('are evaluated early when too many matches wait; what is earlier is late then', async () => {
    const test = new TestCorrelator(counting, { maxWaiting: 4 })
    await test.observe(at(0), at(1), at(2), at(3), at(4))
    assert.equal(test.correlator.takeAlerts().length, 1)
    assert.equal(await test.metric('eunomia_correlation_hurried_total'), 1)
    assert.equal(test.store.waiting, 1)
    await test.observe(at(0.5, 'eve'))
    assert.equal(await test.metric('eunomia_correlation_lost_total{reason="late"}'), 1)
  })
  it('forget the group that was touched longest ago, of the correlation that has the most', async () => {
    const forgotten = { count: 0, add: () => void forgotten.count++ }
    const test = new TestCorrelator(counting, {}, { maxGroups: 2, forgotten })
    await test.observe(at(0, 'x'), at(0.1, 'x'), at(0.2, 'y'), at(0.3, 'y'))
    await test.until(5)
    assert.equal(test.store.size, 2)
    await test.observe(at(5, 'z'))
    assert.deepEqual([test.store.size, forgotten.count], [2, 1])
    await test.observe(at(6, 'y'))
    assert.deepEqual(
      (await test.until(12)).map(({ output }) => output),
      ['Many: 3 events in 10s (User=y)'],
    )
  })
  it('forget groups when all keep too many observations', async () => {
    const forgotten = { count: 0, add: () => void forgotten.count++ }
    const test = new TestCorrelator(counting, {}, { maxObservations: 3, forgotten })
    await test.observe(at(0, 'x'), at(0.1, 'x'), at(0.2, 'y'), at(0.3, 'y'))
    await test.until(5)
    assert.deepEqual([test.store.observations, test.store.size, forgotten.count], [2, 1, 1])
  })
  it('forget groups that nobody needs any more', async () => {
    const test = new TestCorrelator(counting)
    await test.observe(...Array.from({ length: 100 }, (_, index) => at(index / 100, String(index))))
    await test.until(6)
    assert.deepEqual([test.store.size, test.store.observations], [100, 100])
    await test.observe(at(30, 'last'))
    await test.until(40)
    assert.deepEqual([test.store.size, test.store.waiting], [1, 0])
  })
  it('hold time only at a bounded number of events, and count the others', async () => {
    const test = new TestCorrelator(counting, { maxHolds: 1 })
    for (const id of ['x', 'x', 'y']) test.correlator.hold(id, BEGIN_US, BEGIN_US)
    assert.equal(await test.metric('eunomia_correlation_unheld_total'), 1)
  })
})

type Arriving = TestMatch & { rule: string; second: number; user: string; seq: number }

describe('the same events in any order', () => {
  const rules = ruleSetOf(
    ...['a', 'b', 'c'].map((name) => programRule(name)),
    correlation(
      'count',
      'type: event_count, rules: [a, b], group-by: [User], timespan: 5s, condition: {gte: 3}',
      'name: count\ngenerate: true\n',
    ),
    correlation('few', 'type: event_count, rules: [a], timespan: 4s, condition: {lte: 2}'),
    correlation('users', 'type: value_count, rules: [a, b], timespan: 5s, condition: {field: User, gte: 2}'),
    correlation('ordered', 'type: temporal_ordered, rules: [a, b, c], timespan: 6s'),
    correlation('both', 'type: temporal, rules: [count, c], group-by: [User], timespan: 8s'),
  )
  const match = fc.record({
    rule: fc.constantFrom('a', 'b', 'c'),
    second: fc.integer({ min: 0, max: 200 }).map((tenths) => tenths / 10),
    user: fc.constantFrom('root', 'eve'),
  })
  const arrivals = fc
    .array(match, { maxLength: 40 })
    .map((matches) => matches.map((one, index) => ({ ...one, seq: index })))
    .chain((matches) =>
      fc.tuple(
        fc.constant(matches),
        fc.array(fc.integer({ min: 0, max: 29 }), { minLength: matches.length, maxLength: matches.length }),
        fc.integer({ min: 1, max: 7 }),
      ),
    )

  /** One step of time passes the end of the window of `both`, within which `count` fires only in that step. */
  const FIRED_BELOW_AS_THE_WINDOW_ENDS: [Arriving[], number[], number] = [
    [
      { rule: 'c', second: 0, user: 'eve', seq: 0 },
      { rule: 'a', second: 0, user: 'root', seq: 1 },
      { rule: 'a', second: 0, user: 'eve', seq: 2 },
      { rule: 'a', second: 0, user: 'root', seq: 3 },
      { rule: 'a', second: 3.1, user: 'eve', seq: 4 },
      { rule: 'a', second: 2.6, user: 'eve', seq: 5 },
      { rule: 'a', second: 0, user: 'root', seq: 6 },
      { rule: 'a', second: 11.1, user: 'root', seq: 7 },
      { rule: 'a', second: 2.1, user: 'root', seq: 8 },
    ],
    [0, 0, 0, 0, 0, 5, 0, 0, 0],
    1,
  ]

  it('within the lateness give the same alerts, byte for byte, batch by batch or at once', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ([matches, delays, batch]) => {
        const inOrder = new TestCorrelator(rules, { latenessMs: 3000 })
        await inOrder.correlator.add(matches.flatMap((one) => inOrder.observationsOf(one)))
        const expected = await inOrder.finish()
        // Each event comes up to 2.9 s after its time: in the order of arrival, in batches, with an evaluation after each.
        const arriving = matches.map((one, index) => ({ one, at: one.second + (delays[index] ?? 0) / 10 })).sort((a, b) => a.at - b.at)
        const shuffled = new TestCorrelator(rules, { latenessMs: 3000 })
        const got: Alert[] = []
        for (let from = 0; from < arriving.length; from += batch) {
          await shuffled.observe(...arriving.slice(from, from + batch).map(({ one }) => one))
          got.push(...(await shuffled.advance()))
        }
        got.push(...(await shuffled.finish()))
        const sorted = (alerts: readonly Alert[]): Alert[] => [...alerts].sort((a, b) => (a.alertId < b.alertId ? -1 : 1))
        assert.deepEqual(sorted(got), sorted(expected))
        assert.equal(new Set(got.map(({ alertId }) => alertId)).size, got.length)
      }),
      { numRuns: 150, examples: [[FIRED_BELOW_AS_THE_WINDOW_ENDS]] },
    )
  })
})
