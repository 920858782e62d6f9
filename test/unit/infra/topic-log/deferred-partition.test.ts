// A partition with deferred commits, without a log.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type DeferredCommit, DeferredPartition, type DeferredStart } from '../../../../infra/topic-log/deferred-partition.js'
import { type DeferredCommits, MOST_METADATA_BYTES } from '../../../../infra/topic-log/topic-log.js'
import { deferred } from '../../../../infra/waiting/waiters.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'

const START: DeferredStart = { topic: 'alerts', partition: 1, nextOffset: 100, metadata: 'before', isCommitted: true }
const ignore = (): void => undefined
const never = new AbortController().signal

/** Its commits, made by hand. */
function opened(options: Partial<DeferredCommits> = {}, start: Partial<DeferredStart> = {}) {
  const commits: DeferredCommit[] = []
  const finish = (commit: DeferredCommit): Promise<boolean> => Promise.resolve(commits.push(commit) > 0)
  const sink = { commit: (commit: DeferredCommit) => commits.push(commit), finish, everyMs: 60_000, rewind: ignore }
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
    await partition.assign(never)
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

  it('has room again when a tenth of the most records is confirmed', async () => {
    const { partition } = opened({ maxUnconfirmed: 20 })
    partition.deliver(batch(...Array.from({ length: 20 }, (_, index) => 100 + index)))
    partition.advance(120)
    let hasRoom = false
    const room = partition.room().then(() => (hasRoom = true))
    partition.confirm(100)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(hasRoom, false)
    partition.confirm(101)
    await room
    partition.close()
  })

  it('is passed to its owner until that has it, and ends once for each time', async () => {
    const told: string[] = []
    let failures = 2
    const { partition } = opened({
      assigned: () => {
        told.push('assigned')
        if (failures-- > 0) throw new TypeError('not yet')
      },
      ended: () => void told.push('ended'),
    })
    await partition.assign(never)
    await partition.assign(never)
    await partition.end(false)
    await partition.end(true)
    assert.deepEqual(told, ['assigned', 'assigned', 'assigned', 'ended'])
  })

  it('does not wait for its owner when it ends, and is lost if the owner takes it later', async () => {
    const gate = deferred()
    const told: boolean[] = []
    const { partition } = opened({ assigned: () => gate.promise, ended: (_self, isLost) => void told.push(isLost) })
    const end = new AbortController()
    const assigned = partition.assign(end.signal)
    end.abort()
    await assigned
    await partition.end(false)
    assert.deepEqual(told, [])
    gate.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(told, [true])
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

  it('continues at the first record that is not confirmed when its owner asks for it', () => {
    const { partition } = opened({ maxUnconfirmed: 2 })
    partition.deliver(batch(100, 101))
    partition.advance(102)
    partition.confirm(100)
    partition.rewind()
    assert.deepEqual([partition.isRewinding, partition.isFull], [true, false])
    assert.deepEqual([partition.rewound(), partition.unconfirmed, partition.isRewinding], [101, 0, false])
    partition.close()
  })

  it('never commits past a record that is not confirmed, whatever happens in whatever order', () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom('deliver', 'deliver a part', 'fail', 'confirm', 'commit', 'rewind'),
        at: fc.integer({ min: 0, max: 40 }),
        length: fc.integer({ min: 1, max: 8 }),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const { partition, commits } = opened({ maxUnconfirmed: 12 })
        let position = 100
        // What was confirmed stays so, also if it is delivered again.
        const confirmed = new Set<number>()
        for (const { kind, at, length } of all) {
          if (kind === 'confirm') {
            const delivered = Array.from({ length }, (_, index) => 100 + at + index).filter((offset) => offset < position)
            for (const offset of delivered) {
              partition.confirm(offset)
              confirmed.add(offset)
            }
          } else if (kind === 'commit') partition.commit()
          else if (kind === 'rewind') {
            partition.rewind()
            position = partition.rewound()
          } else if (!partition.isFull) {
            const head = partition.deliver(batch(...Array.from({ length }, (_, index) => position + index)))
            assert.ok(partition.unconfirmed <= 12)
            if (kind !== 'fail') position = kind === 'deliver' ? head.lastOffset + 1 : head.firstOffset + 1
            partition.advance(position)
          }
          const last = commits.at(-1)?.offset ?? 100
          for (let offset = 100; offset < last; offset++) assert.ok(confirmed.has(offset), `${String(offset)} before ${String(last)}`)
        }
        const offsets = commits.map(({ offset }) => offset)
        assert.deepEqual(
          offsets,
          [...offsets].sort((a, b) => a - b),
        )
        partition.close()
      }),
      { numRuns: 500 },
    )
  })

  it('commits what is confirmed at its end, and nothing after it', async () => {
    const { partition, commits } = opened({ ended: (self) => self.confirm(100) })
    await partition.assign(never)
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
      await partition.assign(never)
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

  it('commits nothing else while a step is under way, and its end waits for the step', async () => {
    const step = deferred<boolean>()
    const commits: DeferredCommit[] = []
    const partition = new DeferredPartition({ assigned: ignore, ended: ignore, metadata: () => 'plain' }, START, {
      commit: (commit) => commits.push(commit),
      finish: () => step.promise,
      everyMs: 60_000,
      rewind: ignore,
    })
    await partition.assign(never)
    partition.deliver(batch(100, 101, 102))
    partition.advance(103)
    await assert.rejects(partition.finish({ nextOffset: 104, metadata: '', outputs: [] }), RangeError)
    const finished = partition.finish({ nextOffset: 102, metadata: 'step', outputs: [] })
    await assert.rejects(partition.finish({ nextOffset: 103, metadata: '', outputs: [] }), RangeError)
    partition.confirm(100)
    partition.commit()
    const ended = partition.end(false)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(commits, [])
    step.resolve(true)
    assert.equal(await finished, true)
    await ended
    assert.deepEqual(commits, [{ offset: 102, metadata: 'plain' }])
    assert.equal(await partition.finish({ nextOffset: 103, metadata: '', outputs: [] }), false)
  })
})
