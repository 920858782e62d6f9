// Record sets byte by byte, from the protocol specification.
import assert from 'node:assert/strict'
import { RecordSet } from '../../../../../infra/kafka/fetch/record-set.js'
import {
  APPEND_TIME,
  batchBytes,
  CONTROL,
  markerBatch,
  oldMessage,
  TRANSACTIONAL,
  valuesBatch,
} from '../../../../support/records/kafka-batch-bytes.js'
import { readSet, type SeenSet } from '../../../../support/records/read-record-set.js'

const valuesIn = ({ records }: SeenSet): (string | null)[] => records.map(({ value }) => value)
const offsetsIn = ({ records }: SeenSet): number[] => records.map(({ offset }) => offset)

describe('infra/kafka/fetch/record-set', () => {
  it('reads the batches of a set as one, and skips records below the offset that was asked for', async () => {
    const set = Buffer.concat([valuesBatch(5, ['a', 'b', 'c']), valuesBatch(8, ['d'])])
    const seen = await readSet(set, { position: 6 })
    assert.deepEqual([valuesIn(seen), offsetsIn(seen), seen.nextOffset], [['b', 'c', 'd'], [6, 7, 8], 9])
  })

  it('passes the gaps of compaction: within a batch, an empty batch, and at the end of a batch', async () => {
    const value = Buffer.from('x')
    const gap = batchBytes({
      records: [
        { value, offsetDelta: 2 },
        { value, offsetDelta: 5 },
      ],
      lastOffsetDelta: 9,
    })
    const empty = batchBytes({ baseOffset: 10n, records: [], lastOffsetDelta: 4 })
    const seen = await readSet(Buffer.concat([gap, empty]))
    assert.deepEqual([offsetsIn(seen), seen.nextOffset, seen.damage], [[2, 5], 15, undefined])
  })

  it('ends at a batch that the broker cut', async () => {
    const whole = valuesBatch(0, ['a'])
    const next = valuesBatch(1, ['b'])
    for (let cut = 0; cut < next.length; cut++) {
      const seen = await readSet(Buffer.concat([whole, next.subarray(0, cut)]))
      assert.deepEqual([valuesIn(seen), seen.nextOffset, seen.damage], [['a'], 1, undefined], `cut at ${String(cut)}`)
    }
    const source = { bytes: next.subarray(0, 40), position: 1, highWatermark: 2, aborted: [] }
    assert.equal(new RecordSet(source).isCut, true)
    assert.equal(new RecordSet({ ...source, bytes: Buffer.alloc(0) }).isCut, false)
  })

  it('hides control batches and aborted transactions, whose list has any order and may start before the set', async () => {
    const inTransaction = (offset: number, value: string, producerId: bigint): Buffer =>
      valuesBatch(offset, [value], { attributes: TRANSACTIONAL, producerId })
    const set = Buffer.concat([
      inTransaction(10, 'b aborted', 2n),
      inTransaction(11, 'a aborted', 1n),
      inTransaction(12, 'c', 3n),
      markerBatch(13, 2n, 'abort'),
      inTransaction(14, 'b', 2n),
      markerBatch(15, 1n, 'abort'),
      valuesBatch(16, ['plain of a'], { producerId: 1n }),
      inTransaction(17, 'a aborted again', 1n),
      markerBatch(18, 3n, 'commit'),
      markerBatch(19, 2n, 'commit'),
      markerBatch(20, 1n, 'abort'),
    ])
    const aborted = [
      { producerId: 1n, firstOffset: 17 },
      { producerId: 2n, firstOffset: 7 },
      { producerId: 1n, firstOffset: 6 },
    ]
    const seen = await readSet(set, { position: 10, aborted })
    assert.deepEqual([valuesIn(seen), seen.nextOffset, seen.damage], [['c', 'b', 'plain of a'], 21, undefined])
  })

  it('passes a control batch without a transaction that matters, whatever its records are', async () => {
    const control = batchBytes({ records: Buffer.from('???'), count: 1, attributes: CONTROL | TRANSACTIONAL, producerId: 1n })
    const seen = await readSet(control)
    assert.deepEqual([seen.records, seen.nextOffset, seen.damage], [[], 1, undefined])
    const open = await readSet(control, { aborted: [{ producerId: 1n, firstOffset: 0 }] })
    assert.notEqual(open.damage, undefined)
  })

  it('takes times from the records, or from the batch with LogAppendTime', async () => {
    const records = [
      { value: Buffer.from('v'), timestampDelta: -5n },
      { value: null, timestampDelta: 2n ** 40n },
    ]
    const times = async (attributes: number): Promise<number[]> =>
      (await readSet(batchBytes({ records, attributes, baseTimestamp: 1_000n, maxTimestamp: 7_000n }))).records.map((r) => r.timestampMs)
    assert.deepEqual(await times(0), [995, 2 ** 40 + 1_000])
    assert.deepEqual(await times(APPEND_TIME), [7_000, 7_000])
  })

  it('stops at each kind of damage before it, and knows where the batch ends', async () => {
    const good = valuesBatch(0, ['good'])
    const bad: readonly (readonly [batch: Buffer, reason: RegExp, to: number | undefined])[] = [
      [valuesBatch(1, ['x', 'y'], { crc: 1 }), /checksum/, 3],
      [valuesBatch(1, ['x', 'y'], { length: 20 }), /a batch of 20 bytes/, 3],
      [valuesBatch(1, ['x', 'y'], { length: -1 }), /a batch of -1 bytes/, 3],
      [valuesBatch(1, ['x', 'y'], { count: -1, lastOffsetDelta: 1 }), /states -1 records/, 3],
      [valuesBatch(1, ['x', 'y'], { count: 2_147_483_647, lastOffsetDelta: 1 }), /do not fit/, 3],
      [valuesBatch(1, ['x', 'y'], { lastOffsetDelta: -1 }), /states 2 records/, undefined],
      [valuesBatch(1, ['x', 'y'], { lastOffsetDelta: 0 }), /out of order/, 2],
      [valuesBatch(0, ['x', 'y']), /states 2 records/, 2],
      [valuesBatch(-1, ['x', 'y']), /states 2 records/, undefined],
      [valuesBatch(1, ['x', 'y'], { attributes: 5 }), /unknown codec 5/, 3],
      [oldMessage(1, 0, Buffer.from('old')), /record format 0; only format 2/, 2],
      [oldMessage(1, 1, oldMessage(0, 1, oldMessage(0, 1, Buffer.from('nested'), 1), 1), 1), /record format 1/, 2],
      [valuesBatch(1, ['x'], { magic: 3 }), /record format 3/, 2],
    ]
    for (const [batch, reason, to] of bad) {
      const seen = await readSet(Buffer.concat([good, batch]), { highWatermark: 100 })
      assert.deepEqual([valuesIn(seen), seen.nextOffset], [['good'], 1])
      assert.match(seen.damage ?? '', reason)
      assert.equal(seen.damagedTo, to, String(reason))
    }
  })

  it('passes no good batch for a wrong bit in the last offset of a batch before it', async () => {
    const damaged = valuesBatch(1, ['x', 'y'])
    damaged.writeInt32BE(1 + 65_536, 23)
    const seen = async (...parts: Buffer[]): Promise<unknown[]> => {
      const { damage, damagedTo } = await readSet(Buffer.concat([valuesBatch(0, ['good']), ...parts]), { highWatermark: 100_000 })
      return [damage, damagedTo]
    }
    const following = valuesBatch(3, ['z'])
    assert.deepEqual(await seen(damaged, following), ['wrong checksum', 3])
    // Nothing says where it ends: the smallest step is for the fetch.
    assert.deepEqual(await seen(damaged), ['wrong checksum', undefined])
    assert.deepEqual(await seen(damaged, following.subarray(0, -1)), ['wrong checksum', undefined])
    assert.deepEqual(await seen(damaged, valuesBatch(3, ['z'], { crc: 1 })), ['wrong checksum', undefined])
    // A gap of compaction at the end of the batch is no damage of its own.
    assert.deepEqual(await seen(valuesBatch(1, ['x', 'y'], { lastOffsetDelta: 7, crc: 1 }), valuesBatch(9, ['z'])), ['wrong checksum', 9])
  })

  it('does not read past the end of the log: the stated end may be old, and offsets are not under the checksum', async () => {
    const set = Buffer.concat([valuesBatch(0, ['a']), valuesBatch(1, ['b'])])
    const seen = await readSet(set, { highWatermark: 1 })
    assert.deepEqual([valuesIn(seen), seen.nextOffset, seen.damage], [['a'], 1, undefined])
    assert.match((await readSet(valuesBatch(2 ** 40, ['a']), { highWatermark: 1 })).damage ?? '', /after the end of the log/)
  })

  it('states the time of the next batch', () => {
    const set = new RecordSet({ bytes: valuesBatch(0, ['a'], { baseTimestamp: 77n }), position: 0, highWatermark: 1, aborted: [] })
    assert.equal(set.nextTimestampMs, 77)
    const batch = set.nextVisible()
    assert.ok(batch)
    set.pass(batch)
    assert.equal(set.nextTimestampMs, null)
  })
})
