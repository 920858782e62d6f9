// A partition with deferred commits, without a log.
import assert from 'node:assert/strict'
import { type DeferredCommit, DeferredPartition, type DeferredStart } from '../../../../infra/topic-log/deferred-partition.js'
import { type DeferredCommits, MOST_METADATA_BYTES } from '../../../../infra/topic-log/topic-log.js'
import { deferred } from '../../../../infra/waiting/waiters.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'

const START: DeferredStart = { topic: 'alerts', partition: 1, nextOffset: 100, metadata: 'before', isCommitted: true }
const ignore = (): void => undefined

/** Its commits, made by hand. */
function opened(options: Partial<DeferredCommits> = {}, start: Partial<DeferredStart> = {}) {
  const commits: DeferredCommit[] = []
  const sink = { commit: (commit: DeferredCommit) => commits.push(commit), everyMs: 60_000 }
  const partition = new DeferredPartition({ assigned: ignore, ended: ignore, ...options }, { ...START, ...start }, sink)
  return { partition, commits }
}
const batch = (...offsets: number[]): ArrayBatch =>
  new ArrayBatch(
    'alerts',
    offsets.map((offset) => ({ offset, value: Buffer.from('x'), timestampMs: offset * 10 })),
    offsets[0],
  )

describe('infra/topic-log/deferred-partition', () => {
  it('commits up to the first record that is not confirmed, over the gaps between records', async () => {
    const { partition, commits } = opened()
    partition.deliver(batch(100, 101, 105, 106))
    partition.advance(110)
    assert.equal(partition.unconfirmed, 4)
    partition.confirm(101)
    partition.commit()
    assert.deepEqual(commits, [{ offset: 100, metadata: '' }])
    partition.confirm(100)
    partition.commit()
    assert.deepEqual(commits.at(-1), { offset: 105, metadata: '' })
    assert.deepEqual(partition.first, { offset: 105, timestampMs: 1_000 })
    partition.confirm(105, 107)
    await partition.end(false)
    assert.deepEqual(commits.at(-1), { offset: 110, metadata: '' })
  })

  it('commits nothing again that has not changed', () => {
    const { partition, commits } = opened({ metadata: () => 'before' })
    partition.commit()
    partition.advance(100)
    partition.commit()
    assert.deepEqual(commits, [])
  })

  it('commits where a group starts that has no offset', () => {
    const { partition, commits } = opened({}, { isCommitted: false, metadata: '' })
    partition.commit()
    assert.deepEqual(commits, [{ offset: 100, metadata: '' }])
    partition.close()
  })

  it('delivers as many records as may be unconfirmed, and is full then', async () => {
    const { partition } = opened({ maxUnconfirmed: 3 })
    const first = partition.deliver(batch(100, 101))
    assert.equal(first.length, 2)
    partition.advance(102)
    const second = partition.deliver(batch(102, 103, 104))
    assert.deepEqual([second.length, second.lastOffset], [1, 102])
    partition.advance(103)
    assert.equal(partition.isFull, true)
    let hasRoom = false
    const room = partition.room().then(() => (hasRoom = true))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(hasRoom, false)
    partition.confirm(101)
    await room
    assert.equal(partition.isFull, false)
    partition.close()
  })

  it('counts a batch that was not taken anew, and never commits less than before', () => {
    const { partition, commits } = opened({ maxUnconfirmed: 3 })
    partition.deliver(batch(100, 101, 102))
    partition.confirm(100, 102)
    partition.commit()
    partition.advance(100)
    assert.deepEqual([partition.unconfirmed, partition.isFull], [0, false])
    partition.commit()
    partition.deliver(batch(100, 101, 102))
    partition.commit()
    assert.equal(partition.unconfirmed, 3)
    assert.deepEqual(commits, [{ offset: 102, metadata: '' }])
    partition.close()
  })

  it('waits with commits and reading while the metadata are too long', () => {
    let metadata = 'x'.repeat(MOST_METADATA_BYTES + 1)
    const { partition, commits } = opened({ metadata: () => metadata })
    partition.deliver(batch(100, 101))
    partition.advance(102)
    partition.confirm(100)
    partition.commit()
    assert.deepEqual([commits, partition.isFull], [[], true])
    metadata = 'ü'.repeat(MOST_METADATA_BYTES / 2)
    partition.touch()
    partition.commit()
    assert.deepEqual([commits, partition.isFull], [[{ offset: 101, metadata }], false])
    partition.close()
  })

  it('commits what is confirmed at its end, and nothing after it', async () => {
    const { partition, commits } = opened({ ended: (self) => self.confirm(100) })
    partition.deliver(batch(100, 101))
    partition.advance(102)
    await partition.end(false)
    partition.confirm(101)
    partition.commit()
    assert.deepEqual(commits, [{ offset: 101, metadata: '' }])
  })

  it('commits nothing any more once it is lost, also while its end is awaited', async () => {
    for (const isLostLater of [false, true]) {
      const gate = deferred()
      const told: boolean[] = []
      const { partition, commits } = opened({
        ended: async (self, isLost) => {
          told.push(isLost)
          await gate.promise
          self.confirm(100, 102)
        },
      })
      partition.deliver(batch(100, 101))
      partition.advance(102)
      const end = partition.end(!isLostLater)
      await Promise.resolve()
      if (isLostLater) partition.close()
      gate.resolve()
      await end
      assert.deepEqual([told, commits], [[!isLostLater], []])
    }
  })
})
