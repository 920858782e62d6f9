// Checks the contract of transports over kafkajs' connections to a real broker.
import { topicNameOf } from '../../../../../infra/kafka/kafka-config.js'
import { KafkaCluster } from '../../../../../infra/kafka/kafkajs-internals/cluster.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { describeKafkaTransport } from '../../../../conformance/kafka-transport.js'
import { freshKafkaTopics } from '../../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../../support/services/services.js'

describe('infra/kafka/kafkajs-internals/cluster', () => {
  before(sharedKafka)
  describeKafkaTransport({
    open: async () => {
      const config = await freshKafkaTopics({}, 1)
      const topic = topicNameOf(config, 'process')
      const transport = new KafkaCluster(config, SILENT_LOGGER, { retries: 2, initialRetryTime: 50, maxRetryTime: 500 })
      await transport.connect([topic])
      return { transport, topic }
    },
  })
})
