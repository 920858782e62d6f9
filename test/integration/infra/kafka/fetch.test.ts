// The fetcher on a real broker, next to kafkajs and librdkafka: every codec and producer, transactions, compaction, removed records.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import kafkajs from 'kafkajs'
import { registerCodecs } from '../../../../infra/kafka/compression.js'
import type { Fetched } from '../../../../infra/kafka/fetch/fetched.js'
import { Fetcher, type FetcherOptions } from '../../../../infra/kafka/fetch/fetcher.js'
import { COMPRESSIONS, topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { KafkaCluster } from '../../../../infra/kafka/kafkajs-internals/cluster.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { startOwnKafka } from '../../../support/services/own-kafka.js'
import { sharedKafka } from '../../../support/services/services.js'
import { seenRecords } from '../../../support/records/read-record-set.js'
import { waitFor } from '../../../support/wait-for.js'

const run = promisify(execFile)
const NEVER = new AbortController().signal
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024

type Row = readonly [offset: number, timestampMs: number, key: string | null, value: string | null]

describe('infra/kafka fetching', () => {
  const ends: (() => Promise<unknown>)[] = []
  before(sharedKafka)
  before(registerCodecs)
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function open(config: KafkaConfig, options: Partial<FetcherOptions> = {}): Promise<Fetcher> {
    const cluster = new KafkaCluster(config, SILENT_LOGGER)
    ends.push(() => cluster.disconnect())
    await cluster.connect([topicNameOf(config, 'file')])
    const fetcher = new Fetcher(cluster, { clientId: 'test', keyOf: () => 'file', ...options }, SILENT_LOGGER)
    ends.push(() => fetcher.close())
    return fetcher
  }

  /** All records of partition 0 up to one with the value "end", and the other items. */
  async function readAll(
    config: KafkaConfig,
    options: Partial<FetcherOptions> = {},
    offset = 0,
  ): Promise<{ rows: Row[]; others: Fetched[] }> {
    const topic = topicNameOf(config, 'file')
    const fetcher = await open(config, options)
    fetcher.add({ topic, partition: 0, offset })
    const rows: Row[] = []
    const others: Fetched[] = []
    let position = offset
    while (rows.at(-1)?.[3] !== 'end') {
      const item = await fetcher.next(topic, 0, NEVER)
      if (item.kind !== 'records') others.push(item)
      else {
        assert.ok(item.batch.firstOffset >= position && item.nextOffset > item.batch.lastOffset)
        position = item.nextOffset
        rows.push(...seenRecords(item.batch).map(({ offset: at, timestampMs, key, value }) => [at, timestampMs, key, value] as const))
        item.batch.release()
      }
    }
    assert.equal(fetcher.figures.leases, 0)
    return { rows, others }
  }

  async function readWithKafkajs(config: KafkaConfig): Promise<Row[]> {
    const script = join(packageRoot(), 'dist', 'test', 'support', 'load', 'kafkajs-reader.js')
    const args = [script, String(config.brokers[0]), topicNameOf(config, 'file')]
    const { stdout } = await run(process.execPath, args, { maxBuffer: MOST_OUTPUT_BYTES })
    return rowsOf(stdout)
  }

  async function readWithLibrdkafka(config: KafkaConfig): Promise<Row[]> {
    const place = ['-b', String(config.brokers[0]), '-t', topicNameOf(config, 'file'), '-p', '0', '-o', 'beginning']
    const { stdout } = await run('kcat', ['-C', '-q', '-e', '-J', ...place, '-X', 'isolation.level=read_committed'], {
      maxBuffer: MOST_OUTPUT_BYTES,
    })
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { offset: number; ts: number; key: string | null; payload: string | null })
    return records.map(({ offset, ts, key, payload }) => [offset, ts, key, payload] as const)
  }

  const client = (config: KafkaConfig): kafkajs.Kafka =>
    new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING })

  async function producerOf(config: KafkaConfig, options: kafkajs.ProducerConfig = {}): Promise<kafkajs.Producer> {
    const producer = client(config).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, ...options })
    await producer.connect()
    ends.push(() => producer.disconnect())
    return producer
  }

  async function sendEnd(config: KafkaConfig): Promise<void> {
    const producer = await producerOf(config)
    await producer.send({ topic: topicNameOf(config, 'file'), messages: [{ partition: 0, value: 'end' }] })
  }

  it('reads the same as kafkajs and librdkafka: every codec and producer, null keys and values, headers, large records', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const producer = await producerOf(config)
    const { CompressionTypes: codecs } = kafkajs
    const nowMs = Date.now()
    for (const compression of [codecs.None, codecs.GZIP, codecs.Snappy, codecs.LZ4, codecs.ZSTD]) {
      const messages = Array.from({ length: 200 }, (_, index) => ({
        key: index % 3 === 0 ? null : `key ${String(index)}`,
        value: index % 7 === 0 ? null : `value ${String(index)} `.repeat(index % 20),
        timestamp: String(nowMs + index * (index % 2 === 0 ? 1 : -1)),
        headers: index % 5 === 0 ? { name: 'header', other: Buffer.alloc(300) } : {},
      }))
      await producer.send({ topic, compression, messages })
      await producer.send({ topic, compression, messages: [{ key: 'k'.repeat(10_000), value: 'v'.repeat(10_000) }] })
    }
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const lines = Array.from({ length: 100 }, (_, index) => `librdkafka ${codec} ${String(index)}`)
      const sent = execFile('kcat', ['-P', '-b', String(config.brokers[0]), '-t', topic, '-p', '0', '-z', codec])
      sent.stdin?.end(lines.join('\n') + '\n')
      await new Promise((resolve) => sent.on('exit', resolve))
    }
    for (const compression of COMPRESSIONS) {
      const log = new KafkaTopicLog({ ...config, compression, batchBytes: 5_000 }, SILENT_LOGGER)
      const publisher = await log.appender(
        () => undefined,
        () => undefined,
      )
      for (let mark = 0; mark < 300; mark++) {
        const value = Buffer.from(`ours ${compression} ${String(mark)} `.repeat(5))
        publisher.append({
          topic: 'file',
          key: Buffer.from('host'),
          value,
          valueStart: 0,
          valueEnd: value.length,
          timestampMs: nowMs + mark,
          mark,
        })
      }
      await log.close()
    }
    await sendEnd(config)
    const { rows, others } = await readAll(config)
    assert.deepEqual(others, [])
    assert.equal(rows.length, 5 * 201 + 5 * 100 + 3 * 300 + 1)
    assert.deepEqual(rows, await readWithKafkajs(config))
    assert.deepEqual(rows, await readWithLibrdkafka(config))
    // In small steps, and from the middle of a batch.
    assert.deepEqual((await readAll(config, { maxBytes: 4 * 1024 * 1024, maxPartitionBytes: 10_000 })).rows, rows)
    assert.deepEqual(
      (await readAll(config, {}, 1_234)).rows,
      rows.filter(([offset]) => offset >= 1_234),
    )
  })

  it('reads the same as librdkafka from committed, aborted and interleaved transactions, and passes what is not visible', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const plain = await producerOf(config)
    const producers = await Promise.all(
      ['a', 'b', 'c'].map((name) => producerOf(config, { transactionalId: `${topic}-${name}`, maxInFlightRequests: 1, idempotent: true })),
    )
    const expected: string[] = []
    for (let round = 0; round < 12; round++) {
      const open = await Promise.all(producers.map(async (producer) => await producer.transaction()))
      const values = open.map((_, who) => [0, 1, 2].map((step) => `${String(round)} ${String(who)} ${String(step)}`))
      for (let step = 0; step < 3; step++) {
        for (const [who, transaction] of open.entries()) {
          await transaction.send({ topic, messages: [{ partition: 0, value: values[who]?.[step] ?? '' }] })
        }
        await plain.send({ topic, messages: [{ partition: 0, value: `plain ${String(round)} ${String(step)}` }] })
      }
      // They end in another order than they began.
      for (const who of [
        [2, 0, 1],
        [1, 2, 0],
        [0, 1, 2],
      ][round % 3] ?? []) {
        const isCommitted = (round >> who) % 2 === 0
        await (isCommitted ? open[who]?.commit() : open[who]?.abort())
        if (isCommitted) expected.push(...(values[who] ?? []))
      }
    }
    await sendEnd(config)
    const { rows, others } = await readAll(config)
    const transactional = rows.map(([, , , value]) => value ?? '').filter((value) => /^\d/.test(value))
    assert.deepEqual(transactional.sort(), expected.sort())
    assert.deepEqual(rows, await readWithLibrdkafka(config))
    assert.ok(others.every(({ kind }) => kind === 'passed'))
    assert.deepEqual((await readAll(config, { maxPartitionBytes: 300 })).rows, rows)
  })

  it('passes the markers at the end of a log, so that nothing is left to read, and reads no open transaction', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const producer = await producerOf(config, { transactionalId: `${topic}-a`, maxInFlightRequests: 1, idempotent: true })
    const lags: number[] = []
    const fetcher = await open(config, { onLag: ({ highWatermark, position }) => lags.push(highWatermark - position) })
    fetcher.add({ topic, partition: 0, offset: 0 })
    const first = await producer.transaction()
    await first.send({ topic, messages: [{ partition: 0, value: 'a' }] })
    const waiting = fetcher.next(topic, 0, NEVER)
    await waitFor('the open record in the end of the log', () => lags.at(-1) === 1)
    await first.commit()
    const item = await waiting
    assert.ok(item.kind === 'records' && item.batch.length === 1)
    item.batch.release()
    const second = await producer.transaction()
    await second.send({ topic, messages: [{ partition: 0, value: 'b' }] })
    await second.abort()
    let next = item.nextOffset
    while (next < 4) {
      const passed = await fetcher.next(topic, 0, NEVER)
      assert.equal(passed.kind, 'passed')
      if (passed.kind === 'passed') next = passed.nextOffset
    }
    assert.equal(next, 4)
    await waitFor('no lag', () => lags.at(-1) === 0)
  })

  it('continues after removed records, and at the end of a log that is shorter than its position', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'file')
    const producer = await producerOf(config)
    await producer.send({ topic, messages: Array.from({ length: 20 }, (_, index) => ({ partition: 0, value: String(index) })) })
    const admin = client(config).admin()
    await admin.connect()
    // kafkajs looks up the leader in what it knows.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '12' }] })
    await admin.disconnect()
    const fetcher = await open(config)
    fetcher.add({ topic, partition: 0, offset: 5 })
    assert.deepEqual(await fetcher.next(topic, 0, NEVER), { kind: 'reset', from: 5, to: 12, records: 7 })
    const item = await fetcher.next(topic, 0, NEVER)
    assert.ok(item.kind === 'records' && item.batch.firstOffset === 12 && item.nextOffset === 20)
    fetcher.seek({ topic, partition: 0, offset: 1_000 })
    assert.deepEqual(await fetcher.next(topic, 0, NEVER), { kind: 'reset', from: 1_000, to: 20, records: 0 })
  })

  it('reads the same as kafkajs and librdkafka from a compacted topic', async function () {
    this.timeout(120_000)
    const kafka = await startOwnKafka(1, { 'log.cleaner.backoff.ms': '100', 'log.cleaner.min.compaction.lag.ms': '0' })
    ends.push(() => kafka.service.stop())
    const topic = topicNameOf(kafka.config, 'file')
    const admin = client(kafka.config).admin()
    await admin.connect()
    ends.push(() => admin.disconnect())
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'min.cleanable.dirty.ratio', value: '0.01' },
            { name: 'segment.ms', value: '200' },
            { name: 'delete.retention.ms', value: '0' },
          ],
        },
      ],
    })
    const producer = await producerOf(kafka.config)
    const { CompressionTypes: codecs } = kafkajs
    let sent = 0
    const send = async (): Promise<void> => {
      const messages = Array.from({ length: 20 }, () => ({
        partition: 0,
        key: `key ${String(sent % 13)}`,
        value: `value ${String(sent++)}`,
      }))
      await producer.send({ topic, compression: [codecs.None, codecs.GZIP, codecs.ZSTD][sent % 3] ?? codecs.None, messages })
    }
    // A segment is compacted when a later one exists.
    await waitFor('compaction', async () => {
      await send()
      return (await readWithLibrdkafka(kafka.config)).length < sent / 2
    })
    await producer.send({ topic, messages: [{ partition: 0, key: 'end', value: 'end' }] })
    // It may go on meanwhile: then all read again.
    await waitFor('the same records', async () => {
      const before = await readWithLibrdkafka(kafka.config)
      const { rows } = await readAll(kafka.config)
      const with2 = await readWithKafkajs(kafka.config)
      if (before.length !== (await readWithLibrdkafka(kafka.config)).length) return false
      assert.deepEqual(rows, before)
      assert.deepEqual(rows, with2)
      return true
    })
  })
})

function rowsOf(lines: string): Row[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}
