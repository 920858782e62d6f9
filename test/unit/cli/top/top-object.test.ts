// The JSON of `top` has the reason that the screen has, also where only the later look has counts.
import assert from 'node:assert/strict'
import { topObject } from '../../../../cli/top/top-object.js'
import { topView, whyNoRates, type Look } from '../../../../cli/top/top-rows.js'
import { noEvents } from '../../../../collector/processes/event-counts.js'

function look(atMs: number, startedAtUs: number | null): Look {
  const activity = startedAtUs === null ? null : { bootId: 'b', startedAtUs, processes: [], total: noEvents() }
  return { sample: { atMs, processes: new Map(), leftOut: 0 }, containers: new Map(), activity, activityAtMs: atMs }
}

const told = (before: Look, now: Look, reason: string | null): Readonly<Record<string, unknown>> => {
  const because = { events: whyNoRates(before, now, reason), names: null }
  return topObject(topView(before, now, { sort: 'cpu', rows: 1 }), now, because, () => null)
}

describe('the JSON of top', () => {
  it('has rates and no reason between two looks at the same collector', () => {
    const { total, noEventsBecause } = told(look(1000, 1), look(2000, 1), null)
    assert.deepEqual([total, noEventsBecause], [noEvents(), null])
  })

  for (const [what, before] of [
    ['another collector', look(1000, 1)],
    ['no collector', look(1000, null)],
  ] as const) {
    it(`says why there are no rates when ${what} was there before`, () => {
      const { total, noEventsBecause } = told(before, look(2000, 2), null)
      assert.equal(total, null)
      assert.match(String(noEventsBecause), /collector was started meanwhile/)
    })
  }

  it('says what the collector said instead of an answer', () => {
    assert.equal(told(look(1000, 1), look(2000, null), 'it is away')['noEventsBecause'], 'it is away')
  })
})
