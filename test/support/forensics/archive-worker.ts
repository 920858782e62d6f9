// A process of its own that archives: for tests that kill it. `node archive-worker.js KAFKA FOLDER`, the settings of the cluster as JSON.
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import { Archive } from '../../../processors/forensics/archive/archive-function.js'
import { FolderStore } from '../../../processors/forensics/objects/folder-store.js'
import { Membership, valueReader } from '../../../processors/membership/membership.js'
import { MemoryStore } from '../../../processors/membership/memory-store.js'
import { startFunction } from '../../../processors/runtime/start-function.js'
import { Codec } from '../../../schemas/codec.js'

const [, , kafka = '', folder = ''] = process.argv
const topicLog = new KafkaTopicLog(JSON.parse(kafka) as KafkaConfig, SILENT_LOGGER)
const codec = new Codec()
const metrics = new Metrics()
const log = SILENT_LOGGER
const store = await FolderStore.open(folder)
const archive = await Archive.create({ codec, store, log, metrics }, { objectBytes: 60_000, objectMs: 400, memoryBytes: 1 << 28 })
const membership = new Membership(new MemoryStore(), valueReader(codec), metrics, log)
const part = await startFunction(archive.definition, { topicLog, codec, membership, log, metrics }, { maxBatchBytes: 20_000 })
process.on('SIGTERM', () => {
  void part.stop('SIGTERM').then(async () => {
    archive.close()
    await topicLog.close()
  })
})
