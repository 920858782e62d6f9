import assert from 'node:assert/strict'
import { deferred, Waiters } from '../../../../infra/waiting/waiters.js'

describe('infra/waiting/waiters', () => {
  it('settles a deferred from outside', async () => {
    const done = deferred<number>()
    done.resolve(7)
    assert.equal(await done.promise, 7)
    const failed = deferred()
    failed.reject(new Error('broken'))
    await assert.rejects(failed.promise, /broken/)
  })

  it('wakes those whose condition holds, and lets the others wait', async () => {
    const waiters = new Waiters()
    let state = 0
    const woken: number[] = []
    const waits = [1, 2].map((wanted) => waiters.until(() => state >= wanted).then(() => void woken.push(wanted)))
    state = 1
    waiters.wake()
    await waits[0]
    assert.deepEqual(woken, [1])
    assert.equal(waiters.isEmpty, false)
    state = 2
    waiters.wake()
    await waits[1]
    assert.equal(waiters.isEmpty, true)
    await waiters.until(() => true)
  })

  it('resolves next() with the next wake, and not with one before', async () => {
    const waiters = new Waiters()
    waiters.wake()
    let isWoken = false
    const next = waiters.next().then(() => (isWoken = true))
    await Promise.resolve()
    assert.equal(isWoken, false)
    waiters.wake()
    await next
  })

  it('keeps no wait that ended with its signal', async () => {
    const waiters = new Waiters()
    const kept = waiters.until(() => true)
    for (let round = 0; round < 1_000; round++) {
      const controller = new AbortController()
      const wait = waiters.until(() => false, controller.signal)
      controller.abort()
      await wait
    }
    await kept
    assert.equal(waiters.isEmpty, true)
  })

  it('rejects those whose condition never holds', async () => {
    const waiters = new Waiters()
    const [done, undone] = [waiters.next(), waiters.until(() => false)]
    waiters.wake(new Error('closed'))
    await done
    await assert.rejects(undone, /closed/)
  })
})
