import assert from 'node:assert/strict'
import { Backoff } from '../../../../infra/waiting/backoff.js'

describe('infra/kafka/backoff', () => {
  it('doubles its pauses up to the longest, spread by a quarter, and begins anew after a reset', () => {
    const backoff = new Backoff(100, 1_000)
    for (const middle of [100, 200, 400, 800, 1_000, 1_000]) {
      const pause = backoff.next()
      assert.ok(pause >= middle * 0.75 && pause <= middle * 1.25, `${String(pause)} around ${String(middle)}`)
    }
    assert.equal(backoff.attempts, 6)
    backoff.reset()
    assert.ok(backoff.next() <= 125)
  })

  it('stays at the longest pause after very many attempts', () => {
    const backoff = new Backoff(1, 50)
    for (let i = 0; i < 5_000; i++) assert.ok(backoff.next() <= 62.5)
  })

  it('ends a wait when it is told to', async () => {
    const stop = new AbortController()
    const waited = new Backoff(3_600_000, 3_600_000).wait(stop.signal)
    stop.abort()
    assert.equal(await waited, false)
  })
})
