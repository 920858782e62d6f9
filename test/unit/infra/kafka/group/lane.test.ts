// One lane over a partition that a test fills.
import assert from 'node:assert/strict'
import type { Fetched, FetchedBatch, PartitionPosition } from '../../../../../infra/kafka/fetch/fetched.js'
import { Lane, type LaneDeps } from '../../../../../infra/kafka/group/lane.js'
import type { GroupOffset } from '../../../../../infra/kafka/group/offset-requests.js'
import type { Outputs } from '../../../../../infra/kafka/group/output-batches.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type {
  AssignedPartition,
  BatchHandler,
  ConsumeOptions,
  DeferredCommits,
  OutputRecord,
} from '../../../../../infra/topic-log/topic-log.js'
import { aborted } from '../../../../../infra/waiting/signals.js'
import { deferred } from '../../../../../infra/waiting/waiters.js'
import { waitFor, waitForCount } from '../../../../support/wait-for.js'

/** Records without bytes. */
class TestBatch implements FetchedBatch {
  readonly topic = 'process'
  readonly partition = 0
  readonly timestampMs = 0
  readonly firstTimestampMs = 0
  readonly keyBytes = new Uint8Array(0)
  readonly valueBytes = new Uint8Array(0)
  readonly keyStart = -1
  readonly keyEnd = -1
  readonly valueStart = -1
  readonly valueEnd = -1
  firstOffset: number
  readonly lastOffset: number
  index = -1
  released = 0

  constructor(firstOffset: number, lastOffset: number) {
    this.firstOffset = firstOffset
    this.lastOffset = lastOffset
  }
  get length(): number {
    return this.lastOffset - this.firstOffset + 1
  }
  get offset(): number {
    return this.firstOffset + this.index
  }
  next(): boolean {
    return ++this.index < this.length
  }
  rewind(): void {
    this.index = -1
  }
  skipTo(offset: number): void {
    this.firstOffset = offset
    this.rewind()
  }
  release(): void {
    this.released++
  }
}

const PLACED: Outputs = new Map([['o/0', { topic: 'o', partition: 0, records: [] }]])
const output = (text: string): OutputRecord => ({ topic: 'alerts', key: Buffer.from('k'), value: Buffer.from(text), timestampMs: 0 })

/** A lane with everything around it. */
class Bench {
  readonly items: Fetched[] = []
  readonly calls: string[] = []
  readonly finished: GroupOffset[] = []
  readonly committed: GroupOffset[] = []
  readonly dropped: number[] = []
  /** Each makes one placing of outputs fail. */
  readonly placeFailures: true[] = []
  /** Of the last commit. */
  isDeferred = false
  /** Commits wait for it. */
  gate: Promise<void> = Promise.resolve()
  readonly lane: Lane

  constructor(handler: BatchHandler, more: Partial<ConsumeOptions> = {}, start = { offset: 5, metadata: '', isCommitted: true }) {
    const record =
      (name: string) =>
      ({ offset, partition }: PartitionPosition) =>
        this.calls.push(`${name} ${String(partition)}@${String(offset)}`)
    const deps: LaneDeps = {
      options: { group: 'g', topics: ['process'], from: 'earliest', handler, ...more },
      fetcher: {
        add: record('add'),
        seek: record('seek'),
        remove: () => this.calls.push('remove'),
        next: async (_topic, _partition, signal) => {
          const item = this.items.shift()
          if (item !== undefined) {
            this.calls.push(item.kind)
            return item
          }
          await aborted(signal)
          throw signal.reason
        },
      },
      committer: {
        finished: (offset) => this.finished.push(offset),
        commit: async (offset, _outputs, _isLeaving, isDeferred = false) => {
          this.committed.push(offset)
          this.isDeferred = isDeferred
          await this.gate
          return true
        },
        flush: () => Promise.resolve(),
        leave: () => undefined,
        drop: (_, partition) => this.dropped.push(partition),
      },
      offsets: { start: () => Promise.resolve(start) },
      reached: new Map(),
      place: () => (this.placeFailures.shift() === undefined ? Promise.resolve(PLACED) : Promise.reject(new Error('outage'))),
      onFailed: (error) => assert.fail(String(error)),
      log: SILENT_LOGGER,
    }
    this.lane = new Lane(deps, { topic: 't', partition: 0, key: 'process', id: 't/0' }, Promise.resolve())
  }
}

describe('infra/kafka/group/lane', () => {
  it('goes on with the rest of a batch of which a part is finished, without another fetch', async () => {
    const seen: string[] = []
    const batch = new TestBatch(5, 9)
    const bench = new Bench((records) => {
      seen.push(`${String(records.firstOffset)}+${String(records.length)}`)
      return Promise.resolve({ nextOffset: records.firstOffset + 2, outputs: [output('x')] }).then((result) =>
        result.nextOffset > records.lastOffset ? { ...result, nextOffset: records.lastOffset + 1 } : result,
      )
    })
    bench.items.push({ kind: 'records', batch, nextOffset: 12 })
    await waitForCount('the release', () => batch.released, 1)
    assert.deepEqual(seen, ['5+5', '7+3', '9+1'])
    await bench.lane.give(false)
    // The end of the last part is behind what follows the records, as markers of transactions.
    const offsets = bench.committed.map(({ offset }) => offset)
    assert.deepEqual([offsets[0], offsets.at(-1)], [7, 12])
    assert.deepEqual(bench.calls, ['add 0@5', 'records', 'remove'])
  })

  it('passes the same batch again after a failure, and gives its bytes back for a long rest', async () => {
    const [short, long] = [new TestBatch(5, 6), new TestBatch(7, 8)]
    let calls = 0
    const retries: number[] = []
    const bench = new Bench(
      (records) => {
        if (++calls === 1) throw new Error('once')
        if (records.firstOffset === 7) return Promise.resolve({ nextOffset: 7, outputs: [], restMs: 1_200 })
        return Promise.resolve({ nextOffset: records.lastOffset + 1, outputs: [] })
      },
      { onRetry: (_error, _topic, _partition, attempt) => retries.push(attempt) },
    )
    bench.items.push({ kind: 'records', batch: short, nextOffset: 7 }, { kind: 'records', batch: long, nextOffset: 9 })
    await waitFor('the seek', () => bench.calls.includes('seek 0@7'))
    assert.deepEqual(retries, [1])
    assert.ok(long.released > 0)
    assert.deepEqual(bench.calls, ['add 0@5', 'records', 'records', 'seek 0@7'])
    await bench.lane.give(false)
  })

  it('commits what follows a reset, and reports what is missed', async () => {
    const missed: number[] = []
    const bench = new Bench((records) => Promise.resolve({ nextOffset: records.lastOffset + 1, outputs: [] }), {
      onMissed: (_topic, _partition, records) => missed.push(records),
    })
    bench.items.push(
      { kind: 'reset', from: 5, to: 50, records: 45 },
      { kind: 'reset', from: 80, to: 60, records: 0 },
      { kind: 'passed', nextOffset: 61 },
    )
    await waitForCount('three offsets', () => bench.finished.length, 3)
    assert.deepEqual(missed, [45])
    assert.deepEqual(
      bench.finished.map(({ offset }) => offset),
      [50, 60, 61],
    )
    await bench.lane.give(false)
  })

  it('commits the output for a damaged batch with the offset after it', async () => {
    const bench = new Bench(() => assert.fail('no records'), { onDamaged: ({ reason }) => output(reason) })
    bench.items.push({ kind: 'damaged', firstOffset: 5, nextOffset: 9, reason: 'torn', bytes: new Uint8Array(3) })
    await waitForCount('the commit', () => bench.committed.length, 1)
    assert.deepEqual(bench.committed[0], { topic: 't', partition: 0, offset: 9 })
    await bench.lane.give(false)
  })

  it('tries the output for a damaged batch again before it goes on, and makes it once', async () => {
    const batch = new TestBatch(9, 9)
    let made = 0
    const retries: number[] = []
    const bench = new Bench(() => Promise.resolve({ nextOffset: 10, outputs: [] }), {
      onDamaged: ({ reason }) => (made++, output(reason)),
      onRetry: (_error, _topic, _partition, attempt) => retries.push(attempt),
    })
    bench.placeFailures.push(true, true)
    bench.items.push({ kind: 'damaged', firstOffset: 5, nextOffset: 9, reason: 'torn', bytes: new Uint8Array(3) })
    bench.items.push({ kind: 'records', batch, nextOffset: 10 })
    await waitForCount('what follows', () => bench.finished.length, 1)
    assert.equal(bench.lane.unfinished, undefined)
    assert.deepEqual([made, retries], [1, [1, 2]])
    assert.deepEqual(
      [...bench.committed, ...bench.finished].map(({ offset }) => offset),
      [9, 10],
    )
    await bench.lane.give(false)
  })

  it('goes on while a commit waits, commits in order, and counts as finished only what is committed', async () => {
    const [first, second] = [new TestBatch(5, 9), new TestBatch(10, 12)]
    const gate = deferred()
    const bench = new Bench((records) => {
      const outputs = records.firstOffset === 10 ? [] : [output('x')]
      return Promise.resolve({ nextOffset: records.firstOffset === 5 ? 7 : records.lastOffset + 1, outputs })
    })
    bench.gate = gate.promise
    bench.items.push({ kind: 'records', batch: first, nextOffset: 10 }, { kind: 'records', batch: second, nextOffset: 13 })
    await waitForCount('the second batch', () => second.released, 1)
    assert.ok(first.released > 0)
    assert.deepEqual([bench.committed.map(({ offset }) => offset), bench.finished], [[7], []])
    assert.deepEqual(bench.lane.unfinished, { offset: 5, timestampMs: 0 })
    gate.resolve()
    await bench.lane.give(false)
    assert.deepEqual([bench.committed.map(({ offset }) => offset), bench.finished], [[7, 13], []])
  })

  it('commits the end at which a new group starts', async () => {
    const bench = new Bench(() => assert.fail('no records'), { from: 'latest' }, { offset: 70, metadata: '', isCommitted: false })
    await waitForCount('the offset', () => bench.finished.length, 1)
    assert.equal(bench.finished[0]?.offset, 70)
    await bench.lane.give(false)
  })

  it('commits what its handler finishes when the partition is given away, and nothing when it is lost', async () => {
    for (const isLost of [false, true]) {
      let signal: AbortSignal | undefined
      const bench = new Bench(async (records, handling) => {
        signal = handling
        await aborted(handling)
        return { nextOffset: records.lastOffset + 1, outputs: [output('late')] }
      })
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 9), nextOffset: 10 })
      await waitFor('the handler', () => signal !== undefined)
      if (isLost) bench.lane.lose()
      else await bench.lane.give(true)
      await bench.lane.done
      assert.deepEqual(
        bench.committed.map(({ offset }) => offset),
        isLost ? [] : [10],
      )
      assert.deepEqual(bench.dropped, isLost ? [0] : [])
    }
  })

  it('has an unfinished record while it rests, also when the bytes are given back', async () => {
    let calls = 0
    const long = new TestBatch(7, 8)
    const bench = new Bench((records) => {
      return Promise.resolve({ nextOffset: ++calls < 2 ? records.firstOffset : records.lastOffset + 1, outputs: [], restMs: 1_200 })
    })
    bench.items.push({ kind: 'records', batch: long, nextOffset: 9 })
    await waitForCount('the release', () => long.released, 1)
    assert.deepEqual(bench.lane.unfinished, { offset: 7, timestampMs: 0 })
    await waitFor('the seek', () => bench.calls.includes('seek 0@7'))
    assert.deepEqual(bench.lane.unfinished, { offset: 7, timestampMs: 0 })
    await bench.lane.give(false)
    assert.equal(bench.lane.unfinished, undefined)
  })

  describe('with deferred commits', () => {
    /** What the owner is told. */
    let told: string[]
    let partitions: AssignedPartition[]
    const deferredOf = (more: Partial<DeferredCommits> = {}): DeferredCommits => ({
      assigned: (partition) => {
        partitions.push(partition)
        told.push(`assigned ${String(partition.nextOffset)} ${partition.metadata}`)
      },
      ended: (_partition, isLost) => void told.push(isLost ? 'lost' : 'revoked'),
      onPaused: () => told.push('paused'),
      ...more,
    })
    const takeAll: BatchHandler = (records) => Promise.resolve({ nextOffset: records.lastOffset + 1, outputs: [] })
    beforeEach(() => {
      told = []
      partitions = []
    })
    const offsetsOf = (bench: Bench): number[] => bench.finished.map(({ offset }) => offset)

    it('reads on, and commits what is confirmed, with the metadata of the owner', async () => {
      const bench = new Bench(
        takeAll,
        { deferred: deferredOf({ metadata: (_, offset) => `at ${String(offset)}` }) },
        { offset: 5, metadata: 'm', isCommitted: true },
      )
      bench.items.push(
        { kind: 'records', batch: new TestBatch(5, 6), nextOffset: 7 },
        { kind: 'records', batch: new TestBatch(7, 8), nextOffset: 12 },
      )
      await waitFor('both batches', () => partitions[0]?.unconfirmed === 4)
      assert.deepEqual(told, ['assigned 5 m'])
      assert.deepEqual(bench.lane.unfinished, { offset: 5, timestampMs: 0 })
      partitions[0]?.confirm(5)
      partitions[0]?.confirm(7, 9)
      await waitForCount('the commit', () => bench.finished.length, 1)
      assert.deepEqual(bench.finished[0], { topic: 't', partition: 0, offset: 6, metadata: 'at 6' })
      partitions[0]?.confirm(6)
      await bench.lane.give(true)
      assert.deepEqual(bench.finished.at(-1), { topic: 't', partition: 0, offset: 12, metadata: 'at 12' })
      assert.deepEqual(told, ['assigned 5 m', 'revoked'])
    })

    it('pauses at the bound, gives the bytes back while that lasts, and goes on when records are confirmed', async () => {
      const lengths: number[] = []
      const bench = new Bench(
        (records) => {
          lengths.push(records.length)
          return takeAll(records, new AbortController().signal)
        },
        { deferred: deferredOf({ maxUnconfirmed: 3 }) },
      )
      const batch = new TestBatch(5, 9)
      bench.items.push({ kind: 'records', batch, nextOffset: 10 })
      await waitForCount('the release', () => batch.released, 1)
      assert.deepEqual(lengths, [3])
      assert.ok(told.includes('paused'))
      partitions[0]?.confirm(6)
      bench.items.push({ kind: 'records', batch: new TestBatch(8, 9), nextOffset: 10 })
      await waitFor('the seek and one record', () => bench.calls.includes('seek 0@8') && lengths.length === 2)
      assert.deepEqual(lengths, [3, 1])
      await bench.lane.give(true)
    })

    it('confirms dead letters once they are written, without an offset', async () => {
      const gate = deferred()
      const bench = new Bench(
        (records) => Promise.resolve({ nextOffset: records.lastOffset + 1, outputs: [output('dead')], confirmed: [[5, 6]] }),
        {
          deferred: deferredOf(),
        },
      )
      bench.gate = gate.promise
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 6), nextOffset: 7 })
      await waitForCount('the write', () => bench.committed.length, 1)
      assert.deepEqual([bench.isDeferred, partitions[0]?.unconfirmed], [true, 2])
      gate.resolve()
      await waitFor('the confirmation', () => partitions[0]?.unconfirmed === 1)
      await bench.lane.give(true)
      assert.deepEqual(offsetsOf(bench), [6])
    })

    it('takes a batch whose handler failed as not delivered', async () => {
      let calls = 0
      const bench = new Bench(
        (records) => (++calls === 1 ? Promise.reject(new Error('once')) : takeAll(records, new AbortController().signal)),
        {
          deferred: deferredOf({ maxUnconfirmed: 2 }),
        },
      )
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 6), nextOffset: 7 })
      await waitFor('the second call', () => calls === 2)
      partitions[0]?.confirm(5, 7)
      await bench.lane.give(true)
      assert.deepEqual(offsetsOf(bench), [7])
    })

    it('is given away while its owner has not taken it yet, and reads nothing', async () => {
      const bench = new Bench(() => assert.fail('no records'), {
        deferred: deferredOf({ assigned: () => new Promise(() => told.push('asked')) }),
      })
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 6), nextOffset: 7 })
      await waitForCount('the question', () => told.length, 1)
      await bench.lane.give(true)
      assert.deepEqual([told, bench.calls], [['asked'], []])
    })

    it('asks its owner again when that fails, also after a reset, and delivers nothing before', async () => {
      let failures = 1
      const assigned = (partition: AssignedPartition): void => {
        told.push(`asked ${String(partition.nextOffset)}`)
        if (failures-- > 0) throw new TypeError('not yet')
        partitions.push(partition)
      }
      const takeAndTell: BatchHandler = (records, signal, partition) => {
        assert.equal(partition, partitions.at(-1))
        told.push(`took ${String(records.firstOffset)}`)
        failures = 1
        return takeAll(records, signal)
      }
      const bench = new Bench(takeAndTell, { deferred: deferredOf({ assigned }) })
      bench.items.push(
        { kind: 'records', batch: new TestBatch(5, 9), nextOffset: 10 },
        { kind: 'reset', from: 10, to: 7, records: 0 },
        { kind: 'records', batch: new TestBatch(7, 8), nextOffset: 9 },
      )
      await waitFor('the records after the reset', () => told.includes('took 7'))
      await bench.lane.give(true)
      assert.deepEqual(told, ['asked 5', 'asked 5', 'took 5', 'lost', 'asked 7', 'asked 7', 'took 7', 'revoked'])
    })

    it('tells its owner one end when the partition is lost before the owner took it after a reset', async () => {
      let calls = 0
      const assigned = (partition: AssignedPartition): void => {
        partitions.push(partition)
        if (++calls > 1) throw new TypeError('not yet')
      }
      const bench = new Bench(takeAll, { deferred: deferredOf({ assigned }) })
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 9), nextOffset: 10 }, { kind: 'reset', from: 10, to: 7, records: 0 })
      await waitFor('the second question', () => calls > 1)
      bench.lane.lose()
      await bench.lane.done
      assert.deepEqual(told, ['lost'])
    })

    it('is not fetched again when its owner asks to go back while it ends', async () => {
      const bench = new Bench(takeAll, { deferred: deferredOf({ ended: (partition) => partition.rewind() }) })
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 9), nextOffset: 10 })
      await waitFor('the records', () => partitions[0]?.unconfirmed === 5)
      await bench.lane.give(true)
      assert.deepEqual(bench.calls, ['add 0@5', 'records', 'remove'])
    })

    it('commits nothing after a loss, and starts anew where the log ends before what was read', async () => {
      const bench = new Bench(takeAll, { deferred: deferredOf() })
      bench.items.push({ kind: 'records', batch: new TestBatch(5, 9), nextOffset: 10 }, { kind: 'reset', from: 10, to: 7, records: 0 })
      await waitForCount('the new start', () => partitions.length, 2)
      assert.deepEqual(told, ['assigned 5 ', 'lost', 'assigned 7 '])
      partitions[0]?.confirm(5, 10)
      await waitForCount('its commit', () => bench.finished.length, 1)
      bench.lane.lose()
      partitions[1]?.confirm(7, 8)
      await bench.lane.done
      assert.deepEqual(offsetsOf(bench), [7])
      assert.equal(told.at(-1), 'lost')
    })
  })
})
