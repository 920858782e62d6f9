import assert from 'node:assert/strict'
import { PendingCommits } from '../../../../../infra/kafka/consumer/pending-commits.js'
import { waitFor } from '../../../../support/wait-for.js'

type Offset = { topic: string; partition: number; offset: string }
const NEVER_MS = 3_600_000

describe('infra/kafka/consumer/pending-commits', () => {
  let sent: Offset[][] = []
  let failure: Error | undefined
  const commit = async (offsets: readonly Offset[]): Promise<void> => {
    if (failure !== undefined) throw failure
    sent.push([...offsets])
    return Promise.resolve()
  }
  const pending = (everyMs = NEVER_MS, onFailed: (error: unknown) => void = () => undefined): PendingCommits =>
    new PendingCommits(commit, everyMs, onFailed)
  beforeEach(() => {
    sent = []
    failure = undefined
  })

  it('sends the newest offset of each partition, once', async () => {
    const commits = pending()
    commits.add('t', 0, 5)
    commits.add('t', 1, 3)
    commits.add('t', 0, 9)
    await commits.flush()
    await commits.flush()
    assert.deepEqual(sent, [
      [
        { topic: 't', partition: 0, offset: '9' },
        { topic: 't', partition: 1, offset: '3' },
      ],
    ])
    commits.clear()
  })

  it('sends by itself after a while', async () => {
    const commits = pending(1)
    commits.add('t', 0, 5)
    await waitFor('a commit', () => sent.length === 1)
    commits.clear()
  })

  it('keeps offsets whose commit failed', async () => {
    const commits = pending()
    commits.add('t', 0, 5)
    failure = new Error('no coordinator')
    await assert.rejects(commits.flush(), /no coordinator/)
    failure = undefined
    await commits.flush()
    assert.deepEqual(sent.flat(), [{ topic: 't', partition: 0, offset: '5' }])
    commits.clear()
  })

  it('sends nothing of a partition whose offset went with a transaction, nor anything after clear', async () => {
    const commits = pending()
    commits.add('t', 0, 5)
    commits.add('t', 1, 6)
    await commits.leave('t', 0)
    await commits.flush()
    assert.deepEqual(sent.flat(), [{ topic: 't', partition: 1, offset: '6' }])
    commits.add('t', 2, 7)
    commits.clear()
    await commits.flush()
    assert.equal(sent.length, 1)
  })

  it('lets no transaction begin before a commit under way is answered, for that could overtake it', async () => {
    let answer: (error?: Error) => void = () => undefined
    const held = new PendingCommits(
      () => new Promise((resolve, reject) => (answer = (error) => (error === undefined ? resolve() : reject(error)))),
      NEVER_MS,
      () => undefined,
    )
    for (const error of [undefined, new Error('no coordinator')]) {
      held.add('t', 0, 5)
      const flushed = held.flush()
      let hasLeft = false
      const left = held.leave('t', 0).then(() => (hasLeft = true))
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(hasLeft, false)
      answer(error)
      await flushed.catch(() => undefined)
      await left
    }
    await held.leave('t', 1)
    held.clear()
  })
})
