// A reader of one topic that has read all that was in it: for views that must be whole before they are used, and for commands that read once.
import { Waiters } from '../waiting/waiters.js'
import type { RecordBatch, TopicConsumer, TopicLog } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** Where partitions end. */
export type PartitionEnds = readonly { readonly partition: number; /** The next offset; 0 for an empty one. */ readonly end: number }[]

/** What it reads. */
export interface CaughtUpOptions {
  readonly topic: TopicKey
  /** Of this reader alone. */
  readonly group: string
  /** Where the topic ended at the start. */
  readonly ends: PartitionEnds
  /** Handles a batch; after a rejection it comes again. */
  readonly handle: (batch: RecordBatch) => Promise<void>
}

/** Starts a reader at the first record. Resolves when everything that was in the topic is handled. @throws what ends the reader */
export async function startCaughtUp(topicLog: TopicLog, { topic, group, ends, handle }: CaughtUpOptions): Promise<TopicConsumer> {
  const positions = new Map<number, number>()
  const progress = new Waiters()
  const consumer = await topicLog.consume({
    group,
    topics: [topic],
    from: 'earliest',
    outputs: [],
    handler: async (batch) => {
      await handle(batch)
      positions.set(batch.partition, batch.lastOffset + 1)
      progress.wake()
      return { nextOffset: batch.lastOffset + 1, outputs: [] }
    },
    // A topic may end with marks of transactions, which are no records.
    onLag: (_topic, partition, records) => {
      if (records > 0) return
      positions.set(partition, Infinity)
      progress.wake()
    },
  })
  const caughtUp = progress.until(() => ends.every(({ partition, end }) => end === 0 || (positions.get(partition) ?? 0) >= end))
  await Promise.race([caughtUp, consumer.done])
  return consumer
}
