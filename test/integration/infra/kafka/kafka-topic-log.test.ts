// Checks the contract of topic logs on a real Kafka.
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { describeTopicLog } from '../../../conformance/topic-log.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../support/services/services.js'

describe('infra/kafka as a topic log', () => {
  before(sharedKafka)
  describeTopicLog({
    open: async (bufferBytes) => new KafkaTopicLog(await freshKafkaTopics({ bufferBytes }), SILENT_LOGGER),
  })
})
