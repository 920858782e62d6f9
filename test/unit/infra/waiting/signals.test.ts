// A call with a time limit ends in time, even after garbage collection.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { aborted, orAborted, linkedSignal, timedSignal } from '../../../../infra/waiting/signals.js'
import { collectGarbage } from '../../../support/collect-garbage.js'
import { waitFor } from '../../../support/wait-for.js'

describe('a timed signal', () => {
  it('aborts when the time is over, also after a garbage collection, with the reason', async () => {
    const { signal } = timedSignal(50, new AbortController().signal)
    let reason: unknown = null
    signal.addEventListener('abort', () => (reason = signal.reason))
    collectGarbage()
    await waitFor('the abort', () => reason !== null)
    assert.match(String(reason), /no answer within 50 ms/)
  })

  it('aborts with its source, also one that was aborted before, for the same reason', () => {
    const source = new AbortController()
    const before = timedSignal(60_000, source.signal)
    source.abort(new Error('stop'))
    const after = timedSignal(60_000, source.signal)
    for (const { signal, release } of [before, after]) {
      assert.match(String(signal.reason), /stop/)
      release()
    }
  })

  it('does not make Node warn of a leak, however many calls are in progress', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    const source = new AbortController()
    const signals = Array.from({ length: 20 }, () => timedSignal(60_000, source.signal))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    for (const { release } of signals) release()
    assert.deepEqual(warnings, [])
  })

  it('leaves nothing on its source when it is released', () => {
    const source = new AbortController()
    timedSignal(60_000, source.signal).release()
    assert.deepEqual(getEventListeners(source.signal, 'abort'), [])
  })
})

describe('a linked signal', () => {
  it('aborts with the first of its sources, for its reason, and leaves nothing on them when it is released', async () => {
    const [first, second] = [new AbortController(), new AbortController()]
    const { signal, release } = linkedSignal(first.signal, second.signal)
    const ended = aborted(signal)
    second.abort(new Error('stop'))
    first.abort(new Error('later'))
    await ended
    assert.match(String(signal.reason), /stop/)
    await aborted(signal)
    release()
    for (const source of [first, second]) assert.deepEqual(getEventListeners(source.signal, 'abort'), [])
  })
})

describe('work that a signal ends', () => {
  it('resolves with the work or with the signal, and leaves no listener', async () => {
    const source = new AbortController()
    await orAborted(Promise.resolve(), source.signal)
    await assert.rejects(orAborted(Promise.reject(new Error('failed')), source.signal), /failed/)
    const never = new Promise<void>(() => undefined)
    const ended = orAborted(never, source.signal)
    source.abort()
    await ended
    await orAborted(never, source.signal)
    assert.deepEqual(getEventListeners(source.signal, 'abort'), [])
  })
})
