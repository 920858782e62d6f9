// What the collector answers is read once, and anything else is no answer; a collector that is away is a reason, not a failure.
import assert from 'node:assert/strict'
import { activityOf, askActivity } from '../../../../cli/top/event-activity.js'
import { noEvents } from '../../../../collector/processes/event-counts.js'

const GOOD = { bootId: 'b', startedAtUs: 5, processes: [{ pid: 1, startUs: 2, events: noEvents() }], total: noEvents() }

describe('events by process of a collector', () => {
  it('are taken as they are', () => assert.deepEqual(activityOf(structuredClone(GOOD)), GOOD))

  for (const [what, answer] of [
    ['nothing', null],
    ['a text', 'hello'],
    ['no list', { ...GOOD, processes: {} }],
    ['a process without a start', { ...GOOD, processes: [{ pid: 1, events: noEvents() }] }],
    ['counts that are none', { ...GOOD, total: { ...noEvents(), file: 'many' } }],
    ['no boot', { ...GOOD, bootId: 7 }],
  ] as const) {
    it(`are null for ${what}`, () => assert.equal(activityOf(answer), null))
  }

  it('are away with a reason when no collector listens', async () => {
    const { activity, reason } = await askActivity('/nonexistent/control.sock')
    assert.equal(activity, null)
    assert.match(reason ?? '', /no collector runs here/)
  })
})
