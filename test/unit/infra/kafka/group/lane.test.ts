// One lane over a partition that a test fills.
import assert from 'node:assert/strict'
import type { Fetched, FetchedBatch, PartitionPosition } from '../../../../../infra/kafka/fetch/fetched.js'
import { Lane, type LaneDeps } from '../../../../../infra/kafka/group/lane.js'
import type { GroupOffset } from '../../../../../infra/kafka/group/offset-requests.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type { BatchHandler, ConsumeOptions, OutputRecord } from '../../../../../infra/topic-log/topic-log.js'
import { aborted } from '../../../../../infra/waiting/signals.js'
import { deferred } from '../../../../../infra/waiting/waiters.js'
import { waitFor, waitForCount } from '../../../../support/wait-for.js'

/** Records without bytes. */
class TestBatch implements FetchedBatch {
  readonly topic = 'process'
  readonly partition = 0
  readonly timestampMs = 0
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
  /** Commits wait for it. */
  gate: Promise<void> = Promise.resolve()
  readonly lane: Lane

  constructor(handler: BatchHandler, more: Partial<ConsumeOptions> = {}, start = { offset: 5, isCommitted: true }) {
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
        commit: async (offset) => {
          this.committed.push(offset)
          await this.gate
          return true
        },
        flush: () => Promise.resolve(),
        leave: () => undefined,
        drop: (_, partition) => this.dropped.push(partition),
      },
      offsets: { start: () => Promise.resolve(start) },
      reached: new Map(),
      place: () => (this.placeFailures.shift() === undefined ? Promise.resolve(new Map()) : Promise.reject(new Error('outage'))),
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
    // The end of the last part is behind what follows the records, as markers of transactions.
    assert.deepEqual(
      bench.committed.map(({ offset }) => offset),
      [7, 9, 12],
    )
    await bench.lane.give(false)
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
    assert.deepEqual([made, retries], [1, [1, 2]])
    assert.deepEqual(
      [...bench.committed, ...bench.finished].map(({ offset }) => offset),
      [9, 10],
    )
    await bench.lane.give(false)
  })

  it('gives the bytes of a batch back while the commit of its last records waits', async () => {
    const batch = new TestBatch(5, 9)
    const gate = deferred()
    const bench = new Bench((records) => {
      return Promise.resolve({ nextOffset: records.firstOffset === 5 ? 7 : 10, outputs: [output('x')] })
    })
    bench.gate = gate.promise
    bench.items.push({ kind: 'records', batch, nextOffset: 10 })
    await waitForCount('the first commit', () => bench.committed.length, 1)
    assert.equal(batch.released, 0)
    gate.resolve()
    const last = deferred()
    bench.gate = last.promise
    await waitForCount('the second commit', () => bench.committed.length, 2)
    assert.equal(batch.released, 1)
    last.resolve()
    await bench.lane.give(false)
  })

  it('commits the end at which a new group starts', async () => {
    const bench = new Bench(() => assert.fail('no records'), { from: 'latest' }, { offset: 70, isCommitted: false })
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
})
