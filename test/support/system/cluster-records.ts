// All records in the topics of a cluster, decoded, as a reader of committed records sees it: read to the end once nobody writes any
// more, so that a record that is missing or there twice shows.
import { randomUUID } from 'node:crypto'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import { TOPIC_KEYS, type TopicKey } from '../../../infra/topic-log/topics.js'
import { Codec } from '../../../schemas/codec.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { waitFor } from '../wait-for.js'

/** The records of each topic, in the order of their offsets. */
export type ClusterRecords = { readonly [Topic in TopicKey]: TopicRecords[Topic][] }

const END = Buffer.from('the end of what a test wrote')

/**
 * Reads the topics of one host, from the first record to the last. Puts a mark of its own after the last one, so nobody may read them afterwards.
 * @param hostId key of all records: they are in one partition of each topic
 * @param topics the others stay empty
 */
export async function readCluster(config: KafkaConfig, hostId: string, topics: readonly TopicKey[] = TOPIC_KEYS): Promise<ClusterRecords> {
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  try {
    await markEnd(log, hostId, topics)
    const records: ClusterRecords = {
      process: [],
      file: [],
      network: [],
      kernel: [],
      container: [],
      host: [],
      usage: [],
      alerts: [],
      pending: [],
      deadletter: [],
      audit: [],
      state: [],
      archive: [],
      hunts: [],
    }
    const ended = new Set<TopicKey>()
    const codec = new Codec()
    // A batch may be given again when its commit failed: only offsets that are new count.
    const next = new Map<TopicKey, number>()
    const take = (batch: RecordBatch): void => {
      const { topic } = batch
      while (batch.next()) {
        if (batch.offset < (next.get(topic) ?? 0)) continue
        if (isEnd(batch)) ended.add(topic)
        else if (!ended.has(topic)) push(records, topic, codec, batch)
      }
    }
    await log.consume({
      group: `test-cluster-${randomUUID()}`,
      topics,
      from: 'earliest',
      handler: (batch) => {
        if (isOfHost(batch, hostId)) {
          take(batch)
          next.set(batch.topic, batch.lastOffset + 1)
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    await waitFor('the end of every topic', () => ended.size === topics.length, { progress: () => [...next.values()].join() })
    return records
  } finally {
    await log.close()
  }
}

async function markEnd(log: KafkaTopicLog, hostId: string, topics: readonly TopicKey[]): Promise<void> {
  const appender = await log.appender(
    () => undefined,
    () => undefined,
  )
  topics.forEach((topic, index) =>
    appender.append({
      topic,
      key: Buffer.from(hostId),
      value: END,
      valueStart: 0,
      valueEnd: END.length,
      timestampMs: Date.now(),
      mark: index + 1,
    }),
  )
  await appender.flush()
  await appender.close()
}

function isEnd({ valueBytes, valueStart, valueEnd }: RecordBatch): boolean {
  return Buffer.compare(valueBytes.subarray(valueStart, valueEnd), END) === 0
}

/** Whether this is the partition of the host; batches of the other ones are of nobody. */
function isOfHost(batch: RecordBatch, hostId: string): boolean {
  const isOurs = batch.next() && Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)).toString() === hostId
  batch.rewind()
  return isOurs
}

function push<Topic extends TopicKey>(records: ClusterRecords, topic: Topic, codec: Codec, batch: RecordBatch): void {
  records[topic].push(codec.decode(topic, batch.valueBytes, batch.valueStart, batch.valueEnd))
}
