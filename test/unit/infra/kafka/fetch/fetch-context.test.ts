import assert from 'node:assert/strict'
import { KeptBatches } from '../../../../../infra/kafka/fetch/fetch-context.js'
import type { FetchedBatch } from '../../../../../infra/kafka/fetch/fetched.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'

describe('infra/kafka/fetch/fetch-context', () => {
  it('logs each batch once that is kept for a minute', () => {
    const lines: unknown[] = []
    const log = { ...SILENT_LOGGER, warn: (facts: object) => lines.push(facts) } as typeof SILENT_LOGGER
    const kept = new KeptBatches()
    const batch = { topic: 'file', partition: 2, firstOffset: 40 } as FetchedBatch
    const other = { topic: 'file', partition: 3, firstOffset: 50 } as FetchedBatch
    kept.add(batch)
    kept.add(other)
    kept.delete(other)
    const later = performance.now() + 61_000
    kept.reportLong(log, later - 60_000)
    kept.reportLong(log, later)
    kept.reportLong(log, later)
    const [{ topic, partition, firstOffset }] = lines as [FetchedBatch]
    assert.deepEqual([lines.length, topic, partition, firstOffset, kept.count], [1, 'file', 2, 40, 1])
  })
})
