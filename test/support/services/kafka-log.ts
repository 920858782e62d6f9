// A fresh set of topics on the shared Kafka of the test run, under their own prefix.
import { randomUUID } from 'node:crypto'
import { createTopics } from '../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { sharedKafka } from './services.js'

/** Settings for topics that nobody else uses. @param partitions of each topic; few, because a broker creates them one after the other */
export async function freshKafkaTopics(more: Partial<KafkaConfig> = {}, partitions = 2): Promise<KafkaConfig> {
  const kafka = await sharedKafka()
  const config: KafkaConfig = {
    brokers: [kafka.address],
    topicPrefix: `t${randomUUID().slice(0, 8)}.`,
    lingerMs: 5,
    sessionTimeoutMs: 6_000,
    ...more,
  }
  await createTopics(config, { partitions }, SILENT_LOGGER)
  return config
}
