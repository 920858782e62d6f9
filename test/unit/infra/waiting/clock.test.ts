import assert from 'node:assert/strict'
import { pause, waitUntil, within } from '../../../../infra/waiting/clock.js'

describe('infra/waiting/clock', () => {
  it('pauses until the time is over or the signal is aborted, and returns which', async () => {
    assert.equal(await pause(1), true)
    const stop = new AbortController()
    const paused = pause(3_600_000, stop.signal)
    stop.abort()
    assert.equal(await paused, false)
    assert.equal(await pause(3_600_000, stop.signal), false)
  })

  it('waits for work within a time, and rejects with its failure', async () => {
    assert.equal(await within(3_600_000, Promise.resolve()), true)
    assert.equal(await within(3_600_000, undefined), true)
    assert.equal(await within(1, new Promise(() => undefined)), false)
    await assert.rejects(within(3_600_000, Promise.reject(new Error('broken'))), /broken/)
  })

  it('polls a condition until it holds or the time is over', async () => {
    let polls = 0
    assert.equal(await waitUntil(() => ++polls === 3, { timeoutMs: 10_000, everyMs: 1 }), true)
    assert.equal(polls, 3)
    assert.equal(await waitUntil(() => false, { timeoutMs: 5, everyMs: 1 }), false)
  })
})
