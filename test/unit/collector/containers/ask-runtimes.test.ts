// One question to several runtimes: what one that hangs or is away does to the others.
import assert from 'node:assert/strict'
import { askRuntimes } from '../../../../collector/containers/ask-runtimes.js'
import { fakeContainer, FakeRuntime } from '../../../support/fakes/fake-runtime.js'

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
