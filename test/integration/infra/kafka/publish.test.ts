// Published records as read by others: librdkafka (kcat), Kafka's tools, and the broker's state of our producer.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkajsClient } from '../../../../infra/kafka/client-options.js'
import { COMPRESSIONS, topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicError, KafkaUnreachableError } from '../../../../infra/kafka/kafka-errors.js'
import { KafkaCluster } from '../../../../infra/kafka/kafkajs-internals/cluster.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { connectPublisher } from '../../../../infra/kafka/publisher/connect-publisher.js'
import { DESCRIBE_PRODUCERS, describeProducersRequest, parseLastSequence } from '../../../../infra/kafka/publisher/describe-producers.js'
import type { KafkaPublisher } from '../../../../infra/kafka/publisher/publisher.js'
import { kafkaJars } from '../../../../infra/local/artifacts.js'
import { freePort } from '../../../../infra/local/ports.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { sharedKafka } from '../../../support/services/services.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

const run = promisify(execFile)
const NOBODY = { onAck: () => undefined, onLoss: () => undefined }

async function connect(config: KafkaConfig, firstSequence = 0): Promise<KafkaPublisher> {
  return await connectPublisher(config, { ...NOBODY, signal: new AbortController().signal, firstSequence }, SILENT_LOGGER)
}

async function deleteTopic(config: KafkaConfig, topic: string): Promise<void> {
  const admin = kafkajsClient(config, SILENT_LOGGER, { retries: 3 }).admin()
  await admin.connect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
}

describe('infra/kafka publishing', () => {
  before(sharedKafka)

  for (const compression of COMPRESSIONS) {
    it(`is read by librdkafka and passes Kafka's log tool (compression ${compression})`, async () => {
      const config = await freshKafkaTopics({ compression }, 1)
      const topic = topicNameOf(config, 'file')
      const publisher = await connect(config)
      const lines: string[] = []
      for (let i = 0; i < 500; i++) {
        const value = Buffer.from(`/usr/lib/x86_64-linux-gnu/lib${String(i)}.so`)
        publisher.append({
          topic: 'file',
          key: Buffer.from(`host-${String(i % 3)}`),
          value,
          valueStart: 0,
          valueEnd: value.length,
          timestampMs: 1_700_000_000_000 + i * 7,
          mark: i,
        })
        lines.push(`${String(i)} ${String(1_700_000_000_000 + i * 7)} host-${String(i % 3)} ${value.toString()}`)
      }
      await publisher.close()
      const [broker] = config.brokers
      const kcat = await run('kcat', [
        '-C',
        '-q',
        '-e',
        '-b',
        String(broker),
        '-t',
        topic,
        '-o',
        'beginning',
        '-X',
        'check.crcs=true',
        '-f',
        '%o %T %k %s\\n',
      ])
      assert.deepEqual(kcat.stdout.trim().split('\n'), lines)

      const { folder } = await sharedKafka()
      const partition = join(folder, 'data', `${topic}-0`)
      const log = join(partition, (await readdir(partition)).find((name) => name.endsWith('.log')) ?? '')
      const dump = await run(
        'java',
        ['-cp', join(await kafkaJars(SILENT_LOGGER), '*'), 'org.apache.kafka.tools.DumpLogSegments', '--deep-iteration', '--files', log],
        { maxBuffer: 10_000_000 },
      )
      assert.equal((dump.stdout.match(/isvalid: true/g) ?? []).length >= 1, true)
      assert.equal(dump.stdout.includes('isvalid: false'), false)
      assert.match(dump.stdout, new RegExp(`compresscodec: ${compression}`, 'i'))
    })
  }

  it('wraps around the sequence numbers without a loss or a repeat', async () => {
    const config = await freshKafkaTopics({ batchBytes: 3_000 }, 1)
    const publisher = await connect(config, 2_147_483_600)
    // The topic may have no leader yet for the first batch.
    appendNumbers(publisher, 'process', 1, 20)
    await publisher.flush()
    const { retries } = publisher.counters
    appendNumbers(publisher, 'process', 21, 500)
    await publisher.flush()
    assert.equal(publisher.counters.producerResets, 0)
    assert.equal(publisher.counters.retries, retries)
    await publisher.close()
    assert.deepEqual(compareNumbers(await numbersIn(config, 'process', 500), 500), { missing: 0, repeated: 0, isOrdered: true })
  })

  it('reads the last sequence of a producer from the broker', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const cluster = new KafkaCluster(config, SILENT_LOGGER)
    await cluster.connect([topic])
    const { KafkaPublisher } = await import('../../../../infra/kafka/publisher/publisher.js')
    const { OutageLog } = await import('../../../../infra/process/outage-log.js')
    const producer = await cluster.initProducer()
    const outage = new OutageLog(SILENT_LOGGER, {}, '', '')
    const publisher = new KafkaPublisher(
      { ...config, publishTopics: ['file'] },
      { cluster, producer, outage, log: SILENT_LOGGER, ...NOBODY },
    )
    appendNumbers(publisher, 'file', 1, 7)
    await publisher.flush()
    const ask = async (id: bigint): Promise<number> => {
      const connection = await cluster.leaderConnection(topic, 0)
      return parseLastSequence(
        await cluster.sendFrame(connection, DESCRIBE_PRODUCERS, describeProducersRequest('me', topic, [0])),
        id,
        producer.epoch,
      )
    }
    assert.equal(await ask(producer.id), 6)
    assert.equal(await ask(producer.id + 1_000n), -1)
    await publisher.close()
  })

  it('reports a record that is too large for the topic as lost, and continues with the others', async () => {
    const config = await freshKafkaTopics({}, 1)
    const losses: string[] = []
    let acked = 0
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    const publisher = await log.appender(
      (_, __, records) => (acked += records),
      (topic, mark, records, reason) => losses.push(`${topic} ${String(mark)} ${String(records)}: ${reason}`),
    )
    appendNumbers(publisher, 'process', 1, 10)
    const huge = Buffer.alloc(3 * 1024 * 1024)
    publisher.append({
      topic: 'process',
      key: Buffer.from('host-0'),
      value: huge,
      valueStart: 0,
      valueEnd: huge.length,
      timestampMs: Date.now(),
      mark: 11,
    })
    appendNumbers(publisher, 'process', 12, 20)
    await publisher.flush()
    assert.deepEqual(losses, ['process 11 1: refused by the broker with error 10'])
    assert.equal(acked, 19)
    await log.close()
  })

  it('loses nothing of a batch that is larger than the topic accepts', async () => {
    const config = await freshKafkaTopics({ batchBytes: 6_000_000, lingerMs: 60_000, compression: 'none' }, 1)
    const publisher = await connect(config)
    appendNumbers(publisher, 'process', 1, 50_000)
    await publisher.flush()
    assert.ok(publisher.counters.dividedBatches > 0)
    assert.equal(publisher.counters.refusedRecords, 0)
    await publisher.close()
    assert.deepEqual(compareNumbers(await numbersIn(config, 'process', 50_000), 50_000), { missing: 0, repeated: 0, isOrdered: true })
  })

  it('writes and finds the other topics when one is deleted in between', async () => {
    const config = await freshKafkaTopics({ publishTopics: ['process', 'file'] }, 1)
    const publisher = await connect(config)
    const cluster = new KafkaCluster(config, SILENT_LOGGER)
    await cluster.connect([topicNameOf(config, 'process'), topicNameOf(config, 'file')])
    await deleteTopic(config, topicNameOf(config, 'file'))
    await waitFor('the deletion', async () => {
      await cluster.refresh()
      return cluster.partitionCount(topicNameOf(config, 'file')) === 0
    })
    assert.equal(cluster.partitionCount(topicNameOf(config, 'process')), 1)
    await cluster.disconnect()
    appendNumbers(publisher, 'file', 1, 5)
    appendNumbers(publisher, 'process', 1, 100)
    assert.deepEqual(compareNumbers(await numbersIn(config, 'process', 100), 100), { missing: 0, repeated: 0, isOrdered: true })
    await publisher.close(10)
  })

  it('names a missing topic, and how to create it', async () => {
    const kafka = await sharedKafka()
    const log = new KafkaTopicLog({ brokers: [kafka.address], topicPrefix: 'never-made.', publishTopics: ['alerts'] }, SILENT_LOGGER)
    await assert.rejects(log.appender(NOBODY.onAck, NOBODY.onLoss), (error: unknown) => {
      assert.ok(error instanceof KafkaTopicError)
      assert.match(error.message, /never-made\.eunomia\.alerts\.v1 .*"eunomia topics create"/)
      return true
    })
  })

  it('logs once, with its name, that a broker is unavailable, keeps trying, and ends on request', async () => {
    const port = await freePort()
    const lines: string[] = []
    const note = (facts: Readonly<Record<string, unknown>>, message: string): number => lines.push(`${String(facts['brokers'])} ${message}`)
    let attempts = 0
    const log: Logger = {
      ...SILENT_LOGGER,
      warn: note,
      error: note,
      debug: (_, message) => (attempts += message.startsWith('Kafka does not') ? 1 : 0),
    }
    const topics = new KafkaTopicLog({ brokers: [`127.0.0.1:${String(port)}`] }, log)
    const appender = topics.appender(NOBODY.onAck, NOBODY.onLoss)
    const ended = assert.rejects(appender, KafkaUnreachableError)
    await waitForCount('three more attempts', () => attempts, 3)
    await topics.close()
    await ended
    assert.deepEqual(lines, [`127.0.0.1:${String(port)} Kafka does not accept records, retrying`])
  })

  it('starts with any broker of the list that answers, and publishes', async () => {
    const kafka = await sharedKafka()
    const config = await freshKafkaTopics({}, 1)
    const dead = [`127.0.0.1:${String(await freePort())}`, `127.0.0.1:${String(await freePort())}`]
    const publisher = await connect({ ...config, brokers: [...dead, kafka.address] })
    appendNumbers(publisher, 'process', 1, 5)
    await publisher.flush()
    await publisher.close()
    assert.equal(publisher.counters.refusedRecords, 0)
    assert.deepEqual(compareNumbers(await numbersIn(config, 'process', 5), 5), { missing: 0, repeated: 0, isOrdered: true })
  })
})
