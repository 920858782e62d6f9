import assert from 'node:assert/strict'
import { BatchHead } from '../../../../infra/topic-log/batch-head.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'

describe('infra/topic-log/batch-head', () => {
  it('has the first records of a batch, and ends after them, however often it is read', () => {
    const records = [100, 101, 105, 106].map((offset) => ({
      offset,
      key: Buffer.from('k'),
      value: Buffer.from(String(offset)),
      timestampMs: offset,
    }))
    const head = new BatchHead(new ArrayBatch('process', records), 3)
    assert.deepEqual([head.length, head.firstOffset, head.lastOffset, head.index], [3, 100, 105, -1])
    for (let pass = 0; pass < 2; pass++) {
      const seen: unknown[] = []
      while (head.next()) {
        const value = Buffer.from(head.valueBytes.subarray(head.valueStart, head.valueEnd)).toString()
        const key = Buffer.from(head.keyBytes.subarray(head.keyStart, head.keyEnd)).toString()
        seen.push([head.index, head.offset, head.timestampMs, key, value])
      }
      assert.deepEqual(seen, [
        [0, 100, 100, 'k', '100'],
        [1, 101, 101, 'k', '101'],
        [2, 105, 105, 'k', '105'],
      ])
      assert.equal(head.next(), false)
      head.rewind()
    }
  })
})
