// SASL login at a real broker.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { checkTopics, createTopics } from '../../../../infra/kafka/admin.js'
import type { KafkaConfig, SaslConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaRefusedError } from '../../../../infra/kafka/kafka-errors.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { startKafka } from '../../../../infra/local/kafka-service.js'
import { freePort } from '../../../../infra/local/ports.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { testServiceFolder } from '../../../support/services/services.js'

const RIGHT: SaslConfig = { mechanism: 'plain', username: 'collector', password: 'secret' }

describe('infra/kafka login', () => {
  let address: string

  before(async () => {
    const stateFolder = join(await testServiceFolder('login'), 'kafka')
    const [broker, controller, login] = [await freePort(), await freePort(), await freePort()]
    address = `127.0.0.1:${String(login)}`
    const plain = `PLAINTEXT://127.0.0.1:${String(broker)}`
    await startKafka(
      {
        stateFolder,
        ports: { broker, controller },
        properties: {
          listeners: `${plain},LOGIN://${address},CONTROLLER://127.0.0.1:${String(controller)}`,
          'advertised.listeners': `${plain},LOGIN://${address}`,
          'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
          'listener.name.login.sasl.enabled.mechanisms': 'PLAIN',
          'listener.name.login.plain.sasl.jaas.config':
            'org.apache.kafka.common.security.plain.PlainLoginModule required user_collector="secret";',
          // Sessions expire after 2 s, so that connections must reauthenticate while they are in use.
          'listener.name.login.connections.max.reauth.ms': '12000',
        },
      },
      SILENT_LOGGER,
    )
  })

  const config = (sasl: SaslConfig): KafkaConfig => ({ brokers: [address], sasl, sessionTimeoutMs: 6_000 })

  it('creates topics, publishes and reads with the right password', async () => {
    await createTopics(config(RIGHT), { partitions: 2 }, SILENT_LOGGER)
    const log = new KafkaTopicLog(config(RIGHT), SILENT_LOGGER)
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    // kafkajs reauthenticates 10 s before the end of a session: with sessions of 12 s, from 2 s after the login on.
    for (let turn = 0; turn < 8; turn++) {
      appendNumbers(publisher, 'process', turn * 100 + 1, turn * 100 + 100)
      await publisher.flush()
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    assert.equal(publisher.counters.producerResets, 0)
    await log.close()
    assert.deepEqual(compareNumbers(await numbersIn(config(RIGHT), 'process', 800), 800), { missing: 0, repeated: 0, isOrdered: true })
  })

  it('ends at once with a wrong password, for publishers, groups and admin work', async () => {
    const log = new KafkaTopicLog(config({ ...RIGHT, password: 'wrong' }), SILENT_LOGGER)
    await assert.rejects(
      log.appender(
        () => undefined,
        () => undefined,
      ),
      KafkaRefusedError,
    )
    const consumer = await log.consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      handler: (batch) => Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] }),
    })
    await assert.rejects(consumer.done, KafkaRefusedError)
    await assert.rejects(checkTopics(config({ ...RIGHT, password: 'wrong' }), {}, SILENT_LOGGER), KafkaRefusedError)
    await log.close()
  })
})
