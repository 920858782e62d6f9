import assert from 'node:assert/strict'
import { AskQueue, askRuntimes } from '../../../../collector/containers/ask-queue.js'
import { fakeContainer, FakeRuntime } from '../../../support/fakes/fake-runtime.js'

/** Queries that the test answers on demand. */
class Answers {
  readonly asked: string[] = []
  readonly #open: (() => void)[] = []

  readonly ask = (containerId: string): Promise<void> => {
    this.asked.push(containerId)
    return new Promise((resolve) => this.#open.push(resolve))
  }

  async next(): Promise<void> {
    this.#open.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('AskQueue', () => {
  it('runs a bounded number of queries at a time, in order', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 2, maxWaiting: 100 }, answers.ask)
    for (const id of ['a', 'b', 'c', 'd']) void queue.put(id, 'reported')
    assert.deepEqual(answers.asked, ['a', 'b'])
    await answers.next()
    assert.deepEqual(answers.asked, ['a', 'b', 'c'])
    await answers.next()
    await answers.next()
    await answers.next()
    assert.equal(queue.size, 0)
  })

  it('sends one query for a waiting container, and another one for a running query', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 1, maxWaiting: 100 }, answers.ask)
    const first = queue.put('a', 'reported')
    const second = queue.put('a', 'reported')
    assert.equal(queue.put('a', 'reported'), second)
    assert.equal(queue.isWaiting('a'), true)
    await answers.next()
    await first
    assert.equal(queue.isWaiting('a'), false)
    await answers.next()
    await second
    assert.deepEqual(answers.asked, ['a', 'a'])
  })

  it('queries reported containers before claimed ones, even if they were claimed first', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 1, maxWaiting: 100 }, answers.ask)
    for (const id of ['first', 'claim-1', 'claim-2', 'claim-3']) void queue.put(id, 'claimed')
    void queue.put('reported', 'reported')
    void queue.put('claim-2', 'reported')
    for (let index = 0; index < 5; index++) await answers.next()
    assert.deepEqual(answers.asked, ['first', 'reported', 'claim-2', 'claim-1', 'claim-3'])
    assert.equal(queue.size, 0)
  })

  it('refuses and counts queries over its bound, and grants claims a quarter of it', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 1, maxWaiting: 8 }, answers.ask)
    for (let index = 0; index < 10; index++) void queue.put(`claimed-${index}`, 'claimed')
    assert.equal(queue.refused, 7) // one runs, two wait
    for (let index = 0; index < 10; index++) void queue.put(`reported-${index}`, 'reported')
    assert.equal(queue.refused, 11) // six more wait
    await queue.put('one more', 'reported') // is refused, and resolves
    assert.equal(queue.refused, 12)
    assert.equal(queue.size, 9)
  })
})

const A = 'a1'.repeat(32)
const NEVER = new AbortController().signal

describe('askRuntimes', () => {
  it('returns the answer of the runtime that knows the container while another hangs', async () => {
    const [hanging, knowing] = [new FakeRuntime(), new FakeRuntime()]
    hanging.hold()
    knowing.known.set(A, fakeContainer(A))
    const { found } = await askRuntimes([hanging, knowing], A, NEVER)
    assert.equal(found?.runtime, knowing)
    hanging.release()
  })

  it('waits for all before it returns none, and lists those that did not answer', async () => {
    const [away, ignorant] = [new FakeRuntime(), new FakeRuntime()]
    away.isAway = true
    assert.deepEqual(await askRuntimes([away, ignorant], A, NEVER), { found: null, unanswered: [away] })
  })

  it('returns none without runtimes', async () => {
    assert.deepEqual(await askRuntimes([], A, NEVER), { found: null, unanswered: [] })
  })
})
