import assert from 'node:assert/strict'
import { nextRun } from '../../../../../processors/forensics/jobs/saved-hunt.js'

const DAY_MS = 86_400_000
const saved = { spanMs: DAY_MS, rules: { files: [], matching: 'first' }, hosts: ['a'] } as const

describe('the run of a saved hunt', () => {
  it('takes what came since the last one, and at first its span', () => {
    const atMs = 10 * DAY_MS
    const rangeOf = (before: readonly number[]): readonly number[] => {
      const { fromMs, toMs } = nextRun('nightly', saved, atMs, before).request
      return [fromMs, toMs]
    }
    const toMs = atMs - 15 * 60_000
    assert.deepEqual(rangeOf([]), [toMs - DAY_MS, toMs])
    assert.deepEqual(rangeOf([toMs - 3_600_000, toMs - 7_200_000]), [toMs - 3_600_000, toMs])
    // Nobody ran it for days, or the schedule is longer than the span: nothing is left out.
    assert.deepEqual(rangeOf([toMs - 3 * DAY_MS]), [toMs - 3 * DAY_MS, toMs])
    // A clock that was ahead at the last run: nothing is left, and nothing is taken twice.
    assert.deepEqual(rangeOf([toMs + 1]), [toMs, toMs])
  })

  it('has the same id for the same time of the schedule, and asks for what was saved', () => {
    const { id, request } = nextRun('nightly', saved, 5, [])
    assert.match(id, /^[0-9a-f]{12}$/)
    assert.equal(nextRun('nightly', saved, 5, [1]).id, id)
    assert.notEqual(nextRun('nightly', saved, 6, []).id, id)
    assert.notEqual(nextRun('other', saved, 5, []).id, id)
    assert.deepEqual([request.hosts, request.rules], [['a'], saved.rules])
  })
})
