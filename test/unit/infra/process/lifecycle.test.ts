// Lifecycle of parts: order of the stops, failures at the start, signals.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { runParts, type Part, type RunOptions } from '../../../../infra/process/lifecycle.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'

/** A part whose end the test controls. */
class TestPart implements Part {
  readonly done: Promise<void>
  readonly name: string
  readonly journal: string[]
  finish: () => void = () => undefined
  fail: (error: Error) => void = () => undefined

  constructor(name: string, journal: string[]) {
    this.name = name
    this.journal = journal
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve
      this.fail = reject
    })
  }

  stop(reason: string): Promise<void> {
    this.journal.push(`${this.name}: ${reason}`)
    this.finish()
    return Promise.resolve()
  }
}

describe('parts of a process', () => {
  let journal: string[] = []
  let forced = 0
  let signals = new EventEmitter()
  const options = (more: Partial<RunOptions> = {}): RunOptions => ({
    log: SILENT_LOGGER,
    onForced: () => (forced += 1),
    signals: signals as unknown as NonNullable<RunOptions['signals']>,
    ...more,
  })
  const make = (name: string) => (): Promise<TestPart> => Promise.resolve(new TestPart(name, journal))

  beforeEach(() => {
    journal = []
    forced = 0
    signals = new EventEmitter()
  })

  it('stop in the reverse order of their start at the first signal', async () => {
    const reason = await runParts(async (lifecycle) => {
      await lifecycle.start('a', make('a'))
      lifecycle.onStop('b', (why) => Promise.resolve(void journal.push(`b: ${why}`)))
      await lifecycle.start('c', make('c'))
      signals.emit('SIGTERM', 'SIGTERM')
    }, options())
    assert.equal(reason, 'SIGTERM')
    assert.deepEqual(journal, ['c: SIGTERM', 'b: SIGTERM', 'a: SIGTERM'])
    assert.equal(forced, 0)
  })

  it('stop what was started when a later start fails, and report that failure', async () => {
    const run = runParts(async (lifecycle) => {
      await lifecycle.start('a', make('a'))
      await lifecycle.start('b', () => Promise.reject(new Error('no broker')))
    }, options())
    await assert.rejects(run, /no broker/)
    assert.deepEqual(journal, ['a: start failed'])
  })

  it('all end when one of them ends on its own', async () => {
    const reason = await runParts(async (lifecycle) => {
      await lifecycle.start('a', make('a'))
      const b = await lifecycle.start('b', make('b'))
      b.finish()
    }, options())
    assert.equal(reason, 'b ended')
    assert.deepEqual(journal, ['b: b ended', 'a: b ended'])
  })

  it('all end when one of them fails, and report its failure', async () => {
    const run = runParts(async (lifecycle) => {
      await lifecycle.start('a', make('a'))
      const b = await lifecycle.start('b', make('b'))
      b.fail(new Error('ring gone'))
    }, options())
    await assert.rejects(run, /ring gone/)
    assert.deepEqual(journal, ['b: b failed', 'a: b failed'])
  })

  it('are not stopped twice: a second signal forces the end', async () => {
    let release: () => void = () => undefined
    const run = runParts((lifecycle) => {
      lifecycle.onStop('slow', () => new Promise((resolve) => (release = resolve)))
      signals.emit('SIGINT', 'SIGINT')
      return Promise.resolve()
    }, options())
    await new Promise(setImmediate)
    assert.equal(forced, 0)
    signals.emit('SIGINT', 'SIGINT')
    assert.equal(forced, 1)
    release()
    await run
  })

  it('are all stopped even if one of them does not stop in time, and the run fails', async () => {
    const run = runParts(
      async (lifecycle) => {
        await lifecycle.start('a', make('a'))
        lifecycle.onStop('stuck', () => new Promise(() => undefined))
        signals.emit('SIGINT', 'SIGINT')
      },
      options({ stopTimeoutMs: 1 }),
    )
    await assert.rejects(run, /stuck did not stop within 1 ms/)
    assert.deepEqual(journal, ['a: SIGINT'])
  })

  it('stop at a signal that arrives while they start', async () => {
    const reason = await runParts(async (lifecycle) => {
      await lifecycle.start('a', make('a'))
      signals.emit('SIGTERM', 'SIGTERM')
      lifecycle.signal.throwIfAborted()
    }, options())
    assert.equal(reason, 'SIGTERM')
    assert.deepEqual(journal, ['a: SIGTERM'])
  })

  it('end a start that still waits by ending its dependency', async () => {
    let giveUp: (error: Error) => void = () => undefined
    const reason = await runParts(async (lifecycle) => {
      lifecycle.onStop('connection', () => Promise.resolve(giveUp(new Error('closed'))))
      const answer = new Promise<never>((_resolve, reject) => (giveUp = reject))
      setImmediate(() => signals.emit('SIGINT', 'SIGINT'))
      await lifecycle.start('collector', () => answer)
    }, options())
    assert.equal(reason, 'SIGINT')
  })

  it('stop also if their start completes after the end was requested', async () => {
    let comeThrough: (part: TestPart) => void = () => undefined
    const reason = await runParts(async (lifecycle) => {
      lifecycle.onStop('gate', () => Promise.resolve(comeThrough(new TestPart('late', journal))))
      setImmediate(() => signals.emit('SIGINT', 'SIGINT'))
      await lifecycle.start('late', () => new Promise<TestPart>((resolve) => (comeThrough = resolve)))
      await lifecycle.start('never', make('never'))
    }, options())
    assert.equal(reason, 'SIGINT')
    assert.deepEqual(journal, ['late: SIGINT'])
  })

  it('leave no listener', async () => {
    const abort = new AbortController()
    abort.abort()
    assert.equal(await runParts(() => Promise.resolve(), options({ signal: abort.signal })), 'end requested')
    assert.equal(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM'), 0)
  })
})
