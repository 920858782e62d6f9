import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'
import { checkPendingRetention } from '../../../../assembly/functions.js'
import { checkTopics, createTopics, groupLag, topicRetentionMs } from '../../../../infra/kafka/admin.js'
import { topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaUnreachableError } from '../../../../infra/kafka/kafka-errors.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { freePort } from '../../../../infra/local/ports.js'
import { UsageError } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { TOPIC_KEYS } from '../../../../infra/topic-log/topics.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { appendNumbers } from '../../../support/load/numbered-load.js'
import { sharedKafka } from '../../../support/services/services.js'
import { waitFor } from '../../../support/wait-for.js'

describe('infra/kafka/admin', () => {
  before(sharedKafka)

  it('creates the missing topics once, and then reports nothing about them', async () => {
    const config: KafkaConfig = { brokers: [(await sharedKafka()).address], topicPrefix: `made${String(Date.now())}.` }
    assert.deepEqual(
      (await checkTopics(config, {}, SILENT_LOGGER)).map(({ topic, problem }) => [topic, problem]),
      TOPIC_KEYS.map((key) => [topicNameOf(config, key), 'missing']),
    )
    const made = await createTopics(config, { replicationFactor: 1 }, SILENT_LOGGER)
    assert.deepEqual(
      made,
      TOPIC_KEYS.map((key) => topicNameOf(config, key)),
    )
    assert.deepEqual(await createTopics(config, { replicationFactor: 1 }, SILENT_LOGGER), [])
    assert.deepEqual(await checkTopics(config, { replicationFactor: 1 }, SILENT_LOGGER), [])
  })

  it('reports what differs, wanted and actual, and changes nothing', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'alerts')
    const admin = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '1000' }] }],
    })
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await admin.disconnect()
    const expected = [
      { topic, problem: 'partitions', wanted: '1', actual: '3' },
      { topic, problem: 'replication', wanted: '3', actual: '1' },
      { topic, problem: 'setting', setting: 'retention.ms', wanted: String(90 * 86_400_000), actual: '1000' },
      { topic, problem: 'setting', setting: 'max.message.bytes', wanted: '2097152', actual: '1048588' },
      { topic, problem: 'setting', setting: 'min.insync.replicas', wanted: '2', actual: '1' },
    ]
    const ofTopic = async () =>
      (await checkTopics(config, { partitions: 1, replicationFactor: 3 }, SILENT_LOGGER)).filter((difference) => difference.topic === topic)
    await waitFor('the changes', async () => (await ofTopic()).length >= expected.length)
    const found = await ofTopic()
    for (const difference of expected) {
      assert.ok(
        found.some((each) => JSON.stringify(each) === JSON.stringify(difference)),
        JSON.stringify(difference),
      )
    }
    assert.deepEqual(await ofTopic(), found)
  })

  it('reads the retention of a topic, which must be more than twice the longest wait of a pending event', async () => {
    const config = await freshKafkaTopics({}, 1)
    assert.equal(await topicRetentionMs(config, 'pending', SILENT_LOGGER), 86_400_000)
    assert.equal(await topicRetentionMs({ ...config, topicPrefix: 'none.' }, 'pending', SILENT_LOGGER), null)
    await checkPendingRetention(3_600_000, config, SILENT_LOGGER)
    const admin = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    const name = topicNameOf(config, 'pending')
    const configEntries = [{ name: 'retention.ms', value: '7200000' }]
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries }] })
    await admin.disconnect()
    await waitFor('the new retention', async () => (await topicRetentionMs(config, 'pending', SILENT_LOGGER)) === 7_200_000)
    await assert.rejects(checkPendingRetention(3_600_000, config, SILENT_LOGGER), (error: unknown) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, /detect\.longestWaitMs \(3600000\) must be less than half .*retention\.ms=7200000/)
      assert.match(error.message, /Set detect\.longestWaitMs to at most 3599999, or raise retention\.ms of the topic above 7200000/)
      return true
    })
    await checkPendingRetention(3_599_999, config, SILENT_LOGGER)
  })

  it('counts the lag of a group, from nothing read to all read', async () => {
    const config = await freshKafkaTopics({}, 2)
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    appendNumbers(publisher, 'process', 1, 100)
    await publisher.flush()
    const total = async (): Promise<number> =>
      (await groupLag(config, 'g', ['process'], SILENT_LOGGER)).reduce((sum, { lag }) => sum + lag, 0)
    const before = await groupLag(config, 'g', ['process'], SILENT_LOGGER)
    assert.deepEqual(
      before.map(({ topic, partition, committed }) => [topic, partition, committed]),
      [
        ['process', 0, null],
        ['process', 1, null],
      ],
    )
    assert.equal(await total(), 100)
    await log.consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      handler: (batch) => Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] }),
    })
    await waitFor('no lag', async () => (await total()) === 0, { everyMs: 200 })
    await log.close()
  })

  it('names the brokers that it cannot reach', async () => {
    const address = `127.0.0.1:${String(await freePort())}`
    await assert.rejects(checkTopics({ brokers: [address] }, {}, SILENT_LOGGER), (error: unknown) => {
      assert.ok(error instanceof KafkaUnreachableError)
      assert.ok(error.message.includes(address))
      return true
    })
  })
})
