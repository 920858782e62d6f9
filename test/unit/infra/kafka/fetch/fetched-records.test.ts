import assert from 'node:assert/strict'
import { FetchedRecords } from '../../../../../infra/kafka/fetch/fetched-records.js'
import { type CheckedRecords, checkRecords } from '../../../../../infra/kafka/fetch/record-walk.js'
import { recordsBytes, type RecordFields } from '../../../../support/records/kafka-batch-bytes.js'
import { seenRecords } from '../../../../support/records/read-record-set.js'

function part(baseOffset: number, records: readonly RecordFields[]): CheckedRecords {
  const bytes = recordsBytes(records)
  const stated = { baseOffset, lastOffset: baseOffset + 100, count: records.length, baseTimestampMs: 1_000, appendedMs: null }
  const checked = checkRecords(bytes, 0, bytes.length, stated, 0)
  assert.ok(checked)
  return checked
}

describe('infra/kafka/fetch/fetched-records', () => {
  const key = Buffer.from('key')
  const value = Buffer.from('v'.repeat(300))
  const parts = [
    part(7, [
      { key, value, timestampDelta: 1n },
      { value: Buffer.alloc(0), offsetDelta: 2 },
    ]),
    part(200, [{ key: Buffer.alloc(0), value: null, timestampDelta: 70_000n, headers: [['name', null]] }]),
  ] as const
  const expected = [
    { offset: 7, timestampMs: 1_001, key: 'key', value: 'v'.repeat(300) },
    { offset: 9, timestampMs: 1_000, key: null, value: '' },
    { offset: 200, timestampMs: 71_000, key: '', value: null },
  ]
  let released = 0
  const open = (): FetchedRecords => new FetchedRecords('file', 3, parts, () => released++)

  it('knows its bounds before it is walked', () => {
    const batch = open()
    assert.deepEqual(
      [batch.topic, batch.partition, batch.length, batch.firstOffset, batch.lastOffset, batch.index],
      ['file', 3, 3, 7, 200, -1],
    )
  })

  it('walks its records in place, distinguishes null from empty, and can be walked again', () => {
    const batch = open()
    for (let walk = 0; walk < 2; walk++) {
      assert.deepEqual(seenRecords(batch), expected)
      assert.deepEqual([batch.next(), batch.index], [false, 2])
      batch.rewind()
      assert.equal(batch.index, -1)
    }
    batch.next()
    assert.equal(batch.keyBytes, parts[0].bytes)
  })

  it('drops the records that are finished', () => {
    for (const [offset, from] of [
      [0, 0],
      [8, 1],
      [9, 1],
      [10, 2],
      [200, 2],
      [201, 3],
    ] as const) {
      const batch = open()
      batch.next()
      batch.skipTo(offset)
      assert.deepEqual([batch.length, batch.firstOffset], [3 - from, expected[from]?.offset ?? 201])
      assert.deepEqual(seenRecords(batch), expected.slice(from))
    }
  })

  it('frees its bytes once, and can no longer be walked', () => {
    const batch = open()
    batch.next()
    released = 0
    batch.release()
    batch.release()
    assert.equal(released, 1)
    assert.throws(() => batch.next(), /released/)
    assert.equal(batch.valueBytes.length, 0)
  })
})
