import assert from 'node:assert/strict'
import { selectRecords } from '../../../../infra/topic-log/selected-batch.js'
import type { RecordBatch } from '../../../../infra/topic-log/topic-log.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'
import { seenRecords } from '../../../support/records/read-record-set.js'

describe('infra/topic-log selected records', () => {
  const batch = (): RecordBatch =>
    new ArrayBatch(
      'file',
      Array.from({ length: 10 }, (_, at) => ({ value: Buffer.from(String(at)), timestampMs: at * 10 })),
      100,
    )

  it('is the batch itself when all records are wanted, and null when none is', () => {
    const all = batch()
    assert.equal(
      selectRecords(all, () => true),
      all,
    )
    assert.equal(all.index, -1)
    assert.equal(
      selectRecords(all, () => false),
      null,
    )
  })

  it('has the wanted records in order, and can be walked again', () => {
    const selected = selectRecords(batch(), ({ timestampMs }) => timestampMs >= 30 && timestampMs !== 50 && timestampMs < 80)
    assert.ok(selected !== null)
    assert.deepEqual(
      [selected.length, selected.firstOffset, selected.lastOffset, selected.topic, selected.partition],
      [4, 103, 107, 'file', 3],
    )
    const values = seenRecords(selected).map(({ value }) => value)
    assert.deepEqual(values, ['3', '4', '6', '7'])
    assert.equal(selected.next(), false)
    selected.rewind()
    assert.equal(selected.index, -1)
    assert.deepEqual(
      seenRecords(selected).map(({ offset }) => offset),
      [103, 104, 106, 107],
    )
  })
})
