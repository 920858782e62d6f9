// A RecordBatch over an array, for tests of code that needs batches but no log.
import { sampleOrigin } from './sample-records.js'
import { ListedBatch } from '../../../infra/topic-log/listed-batch.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** One record of an ArrayBatch. */
export interface ArrayRecord {
  readonly key?: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestampMs?: number
  /** Default: one after the previous record. */
  readonly offset?: number
}

/** As the sample records name their host. */
const HOST_KEY = Buffer.from(sampleOrigin().hostId)

/** Records as a cursor. */
export class ArrayBatch extends ListedBatch {
  constructor(topic: TopicKey, records: readonly ArrayRecord[], firstOffset = 100) {
    let next = firstOffset
    const listed = records.map(({ key = HOST_KEY, value, timestampMs = 0, offset = next }) => {
      next = offset + 1
      return { key, value, timestampMs, offset }
    })
    super(topic, 3, listed, { firstOffset, lastOffset: next - 1 })
  }
}
