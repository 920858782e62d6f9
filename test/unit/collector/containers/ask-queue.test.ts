import assert from 'node:assert/strict'
import { AskQueue, askRuntimes } from '../../../../collector/containers/ask-queue.js'
import { fakeContainer, FakeRuntime } from '../../../support/fakes/fake-runtime.js'

/** Questions that are answered when the test says so. */
class Answers {
  readonly asked: string[] = []
  private readonly open: (() => void)[] = []

  readonly ask = (containerId: string): Promise<void> => {
    this.asked.push(containerId)
    return new Promise((resolve) => this.open.push(resolve))
  }

  async next(): Promise<void> {
    this.open.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('AskQueue', () => {
  it('asks so many at a time, each in its turn', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 2, maxWaiting: 100 }, answers.ask)
    for (const id of ['a', 'b', 'c', 'd']) void queue.put(id, 'told')
    assert.deepEqual(answers.asked, ['a', 'b'])
    await answers.next()
    assert.deepEqual(answers.asked, ['a', 'b', 'c'])
    await answers.next()
    await answers.next()
    await answers.next()
    assert.equal(queue.size, 0)
  })

  it('asks once for what waits, and again for what is under way', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 1, maxWaiting: 100 }, answers.ask)
    const first = queue.put('a', 'told')
    const second = queue.put('a', 'told')
    assert.equal(queue.put('a', 'told'), second)
    assert.equal(queue.isWaiting('a'), true)
    await answers.next()
    await first
    assert.equal(queue.isWaiting('a'), false)
    await answers.next()
    await second
    assert.deepEqual(answers.asked, ['a', 'a'])
  })

  it('puts what a runtime told of before what is only claimed, also when it was claimed first', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 1, maxWaiting: 100 }, answers.ask)
    for (const id of ['first', 'claim-1', 'claim-2', 'claim-3']) void queue.put(id, 'claimed')
    void queue.put('told', 'told')
    void queue.put('claim-2', 'told')
    for (let index = 0; index < 5; index++) await answers.next()
    assert.deepEqual(answers.asked, ['first', 'told', 'claim-2', 'claim-1', 'claim-3'])
    assert.equal(queue.size, 0)
  })

  it('refuses and counts over its bound, and gives names that nobody vouches for a quarter of it', async () => {
    const answers = new Answers()
    const queue = new AskQueue({ concurrency: 1, maxWaiting: 8 }, answers.ask)
    for (let index = 0; index < 10; index++) void queue.put(`claimed-${index}`, 'claimed')
    assert.equal(queue.refused, 7) // one under way, two wait
    for (let index = 0; index < 10; index++) void queue.put(`told-${index}`, 'told')
    assert.equal(queue.refused, 11) // six more wait
    await queue.put('one more', 'told') // is refused, and resolves
    assert.equal(queue.refused, 12)
    assert.equal(queue.size, 9)
  })
})

const A = 'a1'.repeat(32)
const NEVER = new AbortController().signal

describe('askRuntimes', () => {
  it('gives the answer of the one that knows the container while another hangs', async () => {
    const [hanging, knowing] = [new FakeRuntime(), new FakeRuntime()]
    hanging.hold()
    knowing.known.set(A, fakeContainer(A))
    const { found } = await askRuntimes([hanging, knowing], A, NEVER)
    assert.equal(found?.runtime, knowing)
    hanging.release()
  })

  it('waits for all before it says that nobody knows, and names those that did not answer', async () => {
    const [away, ignorant] = [new FakeRuntime(), new FakeRuntime()]
    away.isAway = true
    assert.deepEqual(await askRuntimes([away, ignorant], A, NEVER), { found: null, unanswered: [away] })
  })

  it('gives nothing for nobody', async () => {
    assert.deepEqual(await askRuntimes([], A, NEVER), { found: null, unanswered: [] })
  })
})
