// The past of one command: topics and archive as one.
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { KafkaRangeReader } from '../infra/kafka/range-reader.js'
import type { Logger } from '../infra/process/logger.js'
import { topicOfEntry } from '../processors/forensics/archive/verify.js'
import { StoredArchive } from '../processors/forensics/history/stored-archive.js'
import { LoggedHistory } from '../processors/forensics/history/logged-history.js'
import { openObjectStore } from './archive.js'
import { readingCodec } from './codec.js'

/** Opens it. Connects with the first call. */
export function openHistory(config: Pick<Config, 'kafka' | 'archive' | 'schemas'>, log: Logger): LoggedHistory {
  const kafka = kafkaConfigOf(config.kafka)
  const ranges = new KafkaRangeReader(kafka, log)
  const deps = { ranges, codec: readingCodec(config.schemas), log, openStore: () => openObjectStore(config) }
  const archive = config.archive.url === null ? null : new StoredArchive(deps)
  return new LoggedHistory({ ranges, archive, keyOf: (topic) => topicOfEntry({ topic }) })
}
