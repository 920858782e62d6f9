// Waiting in tests: it goes on while something moves, and ends when nothing does.
import assert from 'node:assert/strict'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

describe('a wait', () => {
  it('resolves with the first truthy value', async () => {
    let checks = 0
    assert.equal(await waitFor('three', () => (++checks === 3 ? checks : null), { everyMs: 0 }), 3)
  })

  it('ends with what was awaited when nothing moves', async () => {
    await assert.rejects(
      waitFor('the alert', () => false, { quietMs: 20, everyMs: 1, progress: () => 7 }),
      /no progress for 0 s while waiting for: the alert; reached 7/,
    )
  })

  it('goes on for longer than its quiet time while progress is made', async () => {
    let count = 0
    const startedMs = performance.now()
    await waitForCount('records', () => ++count, 40, { quietMs: 50, everyMs: 5, maxMs: 60_000 })
    assert(performance.now() - startedMs > 50)
  })

  it('ends at its bound though progress is made', async () => {
    let count = 0
    await assert.rejects(
      waitForCount('records', () => ++count, Infinity, { quietMs: 1_000, everyMs: 1, maxMs: 30 }),
      /not reached after 0 s: records \(Infinity\); reached \d+/,
    )
  })

  it('ends with an error of the check', async () => {
    await assert.rejects(
      waitFor('anything', () => {
        throw new Error('it ended')
      }),
      /it ended/,
    )
  })
})
