// A process of its own that reads the topic `process` as a group and writes each value to `alerts`: for tests that kill or stop it.
// `node group-worker.js JSON` with the settings of the cluster, and of the member.
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { copyToAlerts } from './copy-to-alerts.js'

const log = new KafkaTopicLog(JSON.parse(process.argv[2] ?? '') as KafkaConfig, SILENT_LOGGER)
const consumer = await log.consume({
  group: 'copiers',
  topics: ['process'],
  from: 'earliest',
  maxBatchBytes: 8_000,
  handler: copyToAlerts,
})
process.on('SIGTERM', () => void log.close())
await consumer.done
await log.close()
