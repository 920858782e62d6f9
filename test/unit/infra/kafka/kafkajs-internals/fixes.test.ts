// Records of aborted transactions, mixed with others as in the answer of a broker.
import assert from 'node:assert/strict'
import { type FetchedRecord, hideAborted } from '../../../../../infra/kafka/kafkajs-internals/fixes.js'

const data = (offset: number, producerId: string, inTransaction = true): FetchedRecord => ({
  offset: String(offset),
  key: Buffer.alloc(4),
  isControlRecord: false,
  batchContext: { producerId, inTransaction },
})
const marker = (offset: number, producerId: string, type: number): FetchedRecord => ({
  offset: String(offset),
  key: Buffer.from([0, 0, 0, type]),
  isControlRecord: true,
  batchContext: { producerId, inTransaction: true },
})
const ABORT = 0
const COMMIT = 1

function shown(records: readonly FetchedRecord[], aborted: Parameters<typeof hideAborted>[1]): number[] {
  hideAborted(records, aborted)
  return records.filter(({ isControlRecord }) => !isControlRecord).map(({ offset }) => Number(offset))
}

describe('records of aborted transactions', () => {
  it('are hidden for two transactions that began before the first record', () => {
    const records = [data(10, 'b'), data(11, 'a'), data(12, 'c'), marker(13, 'b', ABORT), marker(14, 'a', ABORT)]
    const aborted = [
      { producerId: 'b', firstOffset: '7' },
      { producerId: 'a', firstOffset: '6' },
    ]
    assert.deepEqual(shown(records, aborted), [12])
  })

  it('do not hide what the producer wrote between two aborted transactions, or outside of transactions', () => {
    const records = [
      data(1, 'a'),
      marker(2, 'a', ABORT),
      data(3, 'a'),
      marker(4, 'a', COMMIT),
      data(5, 'a', false),
      data(6, 'a'),
      data(7, 'a', false),
      marker(8, 'a', ABORT),
      data(9, 'a'),
    ]
    const aborted = [
      { producerId: 'a', firstOffset: '6' },
      { producerId: 'a', firstOffset: '1' },
    ]
    assert.deepEqual(shown(records, aborted), [3, 5, 7, 9])
  })

  it('are found by numeric offsets, and records of old formats are not hidden', () => {
    const old: FetchedRecord = { offset: '99', key: null, isControlRecord: false }
    const records = [data(9, 'a'), old, data(100, 'b')]
    const aborted = [
      { producerId: 'b', firstOffset: '100' },
      { producerId: 'a', firstOffset: '9' },
    ]
    assert.deepEqual(shown(records, aborted), [99])
  })
})
