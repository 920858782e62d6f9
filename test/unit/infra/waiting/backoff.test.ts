import assert from 'node:assert/strict'
import { Backoff, backoffMs, backoffStepMs } from '../../../../infra/waiting/backoff.js'

describe('infra/waiting/backoff', () => {
  it('doubles each time up to its bound, however many attempts failed', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 100_000].map((attempt) => backoffStepMs(attempt, 50, 1_000))
    assert.deepEqual(waits, [50, 100, 200, 400, 800, 1_000, 1_000, 1_000])
  })

  it('pauses for at least half and at most all of the step', () => {
    assert.equal(backoffMs(3, { firstMs: 50, maxMs: 1_000, random: () => 0 }), 100)
    assert.equal(backoffMs(3, { firstMs: 50, maxMs: 1_000, random: () => 1 }), 200)
  })

  it('counts the attempts of a series and restarts after a reset', () => {
    const backoff = new Backoff(100, 1_000)
    for (const step of [100, 200, 400, 800, 1_000, 1_000]) {
      const pause = backoff.next()
      assert.ok(pause >= step / 2 && pause <= step, `${String(pause)} for a step of ${String(step)}`)
    }
    assert.equal(backoff.attempts, 6)
    backoff.reset()
    assert.ok(backoff.next() <= 100)
  })

  it('ends a pause when its signal is aborted', async () => {
    const stop = new AbortController()
    const waited = new Backoff(3_600_000, 3_600_000).wait(stop.signal)
    stop.abort()
    assert.equal(await waited, false)
  })
})
