import assert from 'node:assert/strict'
import type { KafkaMessage } from 'kafkajs'
import { MessageBatch } from '../../../../../infra/kafka/consumer/message-batch.js'

function message(offset: number, key: string | null, value: string | null): KafkaMessage {
  return {
    offset: String(offset),
    timestamp: String(1_700_000_000_000 + offset),
    attributes: 0,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  } as KafkaMessage
}

describe('infra/kafka/consumer/message-batch', () => {
  // A gap in the offsets, as compaction and the markers of transactions leave it.
  const batch = new MessageBatch('file', 3, [message(7, 'a', 'one'), message(9, null, 'two'), message(12, 'c', null), message(13, '', '')])

  it('knows its bounds before it is walked', () => {
    assert.deepEqual(
      [batch.topic, batch.partition, batch.length, batch.firstOffset, batch.lastOffset, batch.index],
      ['file', 3, 4, 7, 13, -1],
    )
  })

  it('walks its records in place, distinguishes null from empty, and can be walked again', () => {
    for (let walk = 0; walk < 2; walk++) {
      const seen: unknown[] = []
      while (batch.next()) {
        const span = (bytes: Uint8Array, start: number, end: number): string | null =>
          start < 0 ? null : Buffer.from(bytes.subarray(start, end)).toString()
        seen.push([
          batch.index,
          batch.offset,
          batch.timestampMs - 1_700_000_000_000,
          span(batch.keyBytes, batch.keyStart, batch.keyEnd),
          span(batch.valueBytes, batch.valueStart, batch.valueEnd),
        ])
      }
      assert.deepEqual(seen, [
        [0, 7, 7, 'a', 'one'],
        [1, 9, 9, null, 'two'],
        [2, 12, 12, 'c', null],
        [3, 13, 13, '', ''],
      ])
      assert.equal(batch.next(), false)
      batch.rewind()
      assert.equal(batch.index, -1)
    }
  })
})
