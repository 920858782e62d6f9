// The past of one command: topics and archive as one.
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { topicKeyOf } from '../infra/kafka/kafka-config.js'
import { KafkaRangeReader } from '../infra/kafka/range-reader.js'
import type { Logger } from '../infra/process/logger.js'
import { LoggedHistory } from '../processors/forensics/history/logged-history.js'

/** Opens it. Connects with the first call. */
export function openHistory(config: Pick<Config, 'kafka'>, log: Logger): LoggedHistory {
  const kafka = kafkaConfigOf(config.kafka)
  const ranges = new KafkaRangeReader(kafka, log)
  return new LoggedHistory({ ranges, archive: null, keyOf: (name) => topicKeyOf(kafka, name) })
}
