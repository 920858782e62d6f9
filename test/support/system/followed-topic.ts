// Records of one topic of a cluster, decoded as they come: for tests that wait until the system did something.
import { randomUUID } from 'node:crypto'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { Codec } from '../../../schemas/codec.js'
import type { TopicRecords } from '../../../schemas/topics.js'

/** A topic under a reader's eyes. Each offset counts once, also when a rebalance makes the reader read it again. */
export class FollowedTopic<Topic extends TopicKey> {
  readonly records: TopicRecords[Topic][] = []
  readonly #log: KafkaTopicLog

  private constructor(log: KafkaTopicLog) {
    this.#log = log
  }

  /** Reads from the first record on. @param onRecord called for each as it arrives */
  static async open<Topic extends TopicKey>(
    config: KafkaConfig,
    topic: Topic,
    onRecord: (record: TopicRecords[Topic]) => void = () => undefined,
  ): Promise<FollowedTopic<Topic>> {
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    const followed = new FollowedTopic<Topic>(log)
    const codec = new Codec()
    const next = new Map<number, number>()
    await log.consume({
      group: `test-follow-${randomUUID()}`,
      topics: [topic],
      from: 'earliest',
      handler: (batch) => {
        while (batch.next()) {
          if (batch.offset < (next.get(batch.partition) ?? 0)) continue
          next.set(batch.partition, batch.offset + 1)
          const record = codec.decode(topic, batch.valueBytes, batch.valueStart, batch.valueEnd)
          followed.records.push(record)
          onRecord(record)
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    return followed
  }

  async close(): Promise<void> {
    await this.#log.close()
  }
}
