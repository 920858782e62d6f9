// A handler that makes one output of each record: what exactly-once tests count.
import type { BatchHandler, OutputRecord } from '../../../infra/topic-log/topic-log.js'

/** Writes each value of a batch to `alerts`, under the same key. */
export const copyToAlerts: BatchHandler = (batch) => {
  const outputs: OutputRecord[] = []
  while (batch.next()) {
    outputs.push({
      topic: 'alerts',
      key: Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)),
      value: Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)),
      timestampMs: batch.timestampMs,
    })
  }
  return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs })
}
