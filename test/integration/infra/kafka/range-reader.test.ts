// Ranges of a real topic: with transactions that were aborted, are open, and end the log; with removed records; found by time.
import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'
import { topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicError } from '../../../../infra/kafka/kafka-errors.js'
import { KafkaRangeReader } from '../../../../infra/kafka/range-reader.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { DamagedBatch } from '../../../../infra/topic-log/topic-log.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../support/services/services.js'
import { seenRecords } from '../../../support/records/read-record-set.js'
import { waitFor } from '../../../support/wait-for.js'

describe('infra/kafka ranges', () => {
  const ends: (() => Promise<unknown>)[] = []
  before(sharedKafka)
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  const client = (config: KafkaConfig): kafkajs.Kafka =>
    new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING })

  async function producerOf(config: KafkaConfig, options: kafkajs.ProducerConfig = {}): Promise<kafkajs.Producer> {
    const producer = client(config).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, ...options })
    await producer.connect()
    ends.push(() => producer.disconnect())
    return producer
  }

  function open(config: KafkaConfig): KafkaRangeReader {
    const reader = new KafkaRangeReader(config, SILENT_LOGGER)
    ends.push(() => reader.close())
    return reader
  }

  async function read(reader: KafkaRangeReader, from: number, to: number): Promise<{ offsets: number[]; damaged: DamagedBatch[] }> {
    const offsets: number[] = []
    const damaged: DamagedBatch[] = []
    const range = { topic: 'file', partition: 0, from, to } as const
    for await (const batch of reader.read(range, { signal: AbortSignal.timeout(30_000), onDamaged: (each) => damaged.push(each) })) {
      const seen = seenRecords(batch)
      assert.deepEqual([seen.length, seen[0]?.offset, seen.at(-1)?.offset], [batch.length, batch.firstOffset, batch.lastOffset])
      offsets.push(...seen.map(({ offset }) => offset))
    }
    return { offsets, damaged }
  }

  /** A broker writes the mark of a transaction some time after it has answered. */
  const markAt = async (reader: KafkaRangeReader, offset: number): Promise<unknown> =>
    await waitFor('the mark', async () => (await reader.bounds(['file']))[0]?.end === offset + 1)

  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)

  it('reads exactly a range of committed records, and ends also where the log ends with marks of transactions', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const plain = await producerOf(config)
    const send = async (count: number): Promise<unknown> =>
      await plain.send({ topic, messages: upTo(0, count).map((value) => ({ partition: 0, value: String(value) })) })
    const producer = await producerOf(config, { transactionalId: `${topic}-a`, maxInFlightRequests: 1, idempotent: true })
    const reader = open(config)
    await send(20) // 0..19
    const aborted = await producer.transaction()
    await aborted.send({ topic, messages: [{ partition: 0, value: 'aborted' }] }) // 20
    await aborted.abort() // 21
    await markAt(reader, 21)
    await send(5) // 22..26
    const committed = await producer.transaction()
    await committed.send({ topic, messages: [{ partition: 0, value: 'committed' }] }) // 27
    await committed.commit() // 28
    await markAt(reader, 28)
    assert.deepEqual(await reader.bounds(['file', 'alerts']), [
      { topic: 'file', partition: 0, first: 0, end: 29 },
      { topic: 'alerts', partition: 0, first: 0, end: 0 },
    ])
    assert.deepEqual(await read(reader, 0, 29), { offsets: [...upTo(0, 20), ...upTo(22, 27), 27], damaged: [] })
    assert.deepEqual((await read(reader, 7, 11)).offsets, upTo(7, 11))
    assert.deepEqual((await read(reader, 28, 29)).offsets, [])
    assert.deepEqual((await read(reader, 20, 22)).offsets, [])
    assert.deepEqual((await read(reader, 5, 5)).offsets, [])
    // Several at once, of the same partition.
    const both = await Promise.all([read(reader, 0, 10), read(reader, 5, 25)])
    assert.deepEqual(
      both.map(({ offsets }) => offsets),
      [upTo(0, 10), [...upTo(5, 20), ...upTo(22, 25)]],
    )
    // What an open transaction holds back is after the end.
    const held = await producer.transaction()
    await held.send({ topic, messages: [{ partition: 0, value: 'open' }] }) // 29
    await send(3) // 30..32
    assert.equal((await reader.bounds(['file']))[0]?.end, 29)
    await held.commit() // 33
    await markAt(reader, 33)
    assert.deepEqual((await read(reader, 29, 34)).offsets, [29, 30, 31, 32])
  })

  it('finds the first record of a time, in each partition', async () => {
    const config = await freshKafkaTopics({}, 2)
    const topic = topicNameOf(config, 'file')
    const producer = await producerOf(config)
    const nowMs = Date.now() - 100_000
    // The clocks of hosts differ: times are not in order.
    const seconds = [0, 1, 2, 5, 3, 4, 9, 7, 8]
    for (const second of seconds) {
      await producer.send({ topic, messages: [{ partition: 0, value: 'a', timestamp: String(nowMs + second * 1_000) }] })
    }
    const reader = open(config)
    const bounds = await reader.bounds(['file'])
    const at = async (second: number): Promise<readonly number[]> => await reader.firstAt(bounds, nowMs + second * 1_000)
    for (const second of [-1, 0, 1, 2, 2.5, 4, 5, 6, 9]) {
      const index = seconds.findIndex((each) => each >= second)
      assert.deepEqual(await at(second), [index, 0], String(second))
    }
    assert.deepEqual(await at(10), [9, 0])
  })

  it('names what retention has removed since the bounds were asked for, and refuses a topic that is not there', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const producer = await producerOf(config)
    await producer.send({ topic, messages: upTo(0, 20).map((value) => ({ partition: 0, value: String(value) })) })
    const admin = client(config).admin()
    await admin.connect()
    ends.push(() => admin.disconnect())
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '12' }] })
    const reader = open(config)
    const { offsets, damaged } = await read(reader, 5, 20)
    assert.deepEqual(offsets, upTo(12, 20))
    assert.deepEqual(
      damaged.map(({ firstOffset, lastOffset, reason }) => [firstOffset, lastOffset, reason]),
      [[5, 11, 'retention']],
    )
    assert.equal((await reader.bounds(['file']))[0]?.first, 12)
    const stranger = open({ ...config, topicPrefix: 'nobody.' })
    await assert.rejects(stranger.bounds(['file']), KafkaTopicError)
  })
})
