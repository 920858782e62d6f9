import assert from 'node:assert/strict'
import { backoffMs } from '../../../../processors/runtime/backoff.js'

describe('backoff', () => {
  it('doubles each time up to its bound', () => {
    const options = { firstMs: 50, maxMs: 1_000, random: () => 1 }
    const waits = [1, 2, 3, 4, 5, 6, 7, 1_000].map((attempt) => backoffMs(attempt, options))
    assert.deepEqual(waits, [50, 100, 200, 400, 800, 1_000, 1_000, 1_000])
  })

  it('waits at least half of the step', () => {
    assert.equal(backoffMs(3, { firstMs: 50, maxMs: 1_000, random: () => 0 }), 100)
  })
})
