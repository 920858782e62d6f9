// Batches that no broker would accept, written into its segments, and one that it accepts: a group passes each of them once, and loses nothing
// before or after it.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupLag } from '../../../../infra/kafka/admin.js'
import { ATTRIBUTES_AT, BATCH_HEADER_BYTES, COUNT_AT, CRC_AT, LENGTH_AT, LOG_OVERHEAD_BYTES } from '../../../../infra/kafka/batch-layout.js'
import { topicNameOf } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { crc32c } from '../../../../infra/topic-log/body-appender.js'
import type { DamagedBatch } from '../../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { type OwnKafka, startOwnKafka } from '../../../support/services/own-kafka.js'
import { waitFor } from '../../../support/wait-for.js'

const EMPTY_RECORDS = 130_000

/** Records without key, value and headers. */
function emptyRecords(): Buffer {
  const bytes: number[] = []
  for (let index = 0; index < EMPTY_RECORDS; index++) {
    const delta: number[] = []
    for (let rest = index * 2; delta.length === 0 || rest > 0; rest >>>= 7) delta.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest)
    // Length, attributes, time, offset, no key, no value, no headers.
    bytes.push((delta.length + 5) * 2, 0, 0, ...delta, 1, 1, 0)
  }
  return Buffer.from(bytes)
}

describe('infra/kafka groups and damaged batches', () => {
  let kafka: OwnKafka
  let log: KafkaTopicLog

  before(async () => {
    kafka = await startOwnKafka(1)
    log = new KafkaTopicLog(kafka.config, SILENT_LOGGER)
  })
  after(async () => {
    await log.close()
    await kafka.service.stop()
  })

  /** Appends numbers as one batch. */
  async function append(topic: TopicKey, from: number, to: number): Promise<void> {
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    appendNumbers(publisher, topic, from, to)
    await publisher.flush()
    await publisher.close()
  }

  /** Values of a topic that a reader of committed records sees. Offsets would count the markers of aborted transactions too. */
  async function committedIn(topic: TopicKey): Promise<string[]> {
    const values: string[] = []
    const group = `committed-${String(Math.random())}`
    const reader = await log.consume({
      group,
      topics: [topic],
      from: 'earliest',
      handler: (batch) => {
        while (batch.next()) values.push(Buffer.from(batch.valueBytes).toString('utf8', batch.valueStart, batch.valueEnd))
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    await waitFor('the end of the topic', async () => (await groupLag(kafka.config, group, [topic], SILENT_LOGGER))[0]?.lag === 0)
    await reader.stop('all is read')
    return values
  }

  /** Changes the second of three batches in the segment. */
  function damage(topic: TopicKey, change: (batch: Buffer) => void): void {
    const segment = join(kafka.dataFolder, `${topicNameOf(kafka.config, topic)}-0`, '00000000000000000000.log')
    const bytes = readFileSync(segment)
    const start = LOG_OVERHEAD_BYTES + bytes.readInt32BE(LENGTH_AT)
    change(bytes.subarray(start, start + LOG_OVERHEAD_BYTES + bytes.readInt32BE(start + LENGTH_AT)))
    writeFileSync(segment, bytes, { flag: 'r+' })
  }

  const CASES: readonly { readonly what: string; readonly topic: TopicKey; readonly change: (batch: Buffer) => void }[] = [
    {
      what: 'a byte that its checksum does not cover any more',
      topic: 'process',
      change: (batch) => (batch[batch.length - 20] = 0x55),
    },
    {
      what: 'a wrong length of a record, with a checksum that is right',
      topic: 'file',
      change: (batch) => {
        batch[BATCH_HEADER_BYTES] = 0x7f
        batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
      },
    },
    {
      what: 'a wrong count of records, with a checksum that is right',
      topic: 'network',
      change: (batch) => {
        batch.writeInt32BE(0x7fff_ffff, COUNT_AT)
        batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
      },
    },
  ]
  /** Of all cases so far. */
  const reasons: string[] = []
  for (const [index, { what, topic, change }] of CASES.entries()) {
    it(`reports a batch with ${what} once, and goes on after it`, async () => {
      const group = `g-${topic}`
      const first = index * 30
      for (const start of [1, 11, 21]) await append(topic, first + start, first + start + 9)
      damage(topic, change)
      const damaged: DamagedBatch[] = []
      const numbers: number[] = []
      const consumer = await log.consume({
        group,
        topics: [topic],
        from: 'earliest',
        outputs: ['alerts', 'deadletter'],
        handler: async (batch, signal) => {
          const result = await copyToAlerts(batch, signal)
          numbers.push(...result.outputs.map(({ value }) => Buffer.from(value).readUInt32BE()))
          return result
        },
        onDamaged: (batch) => {
          damaged.push(batch)
          return { topic: 'deadletter', key: Buffer.from('k'), value: Buffer.from(batch.reason), timestampMs: Date.now() }
        },
      })
      await waitFor('the end of the topic', async () => (await groupLag(kafka.config, group, [topic], SILENT_LOGGER))[0]?.lag === 0)
      const neighbours = [...Array(10).keys(), ...Array.from({ length: 10 }, (_, number) => 20 + number)]
      assert.deepEqual(
        numbers,
        neighbours.map((number) => first + 1 + number),
      )
      assert.deepEqual(
        damaged.map(({ firstOffset, lastOffset, partition }) => [firstOffset, lastOffset, partition]),
        [[10, 19, 0]],
      )
      assert.ok((damaged[0]?.bytes.length ?? 0) > BATCH_HEADER_BYTES)
      reasons.push(...damaged.map(({ reason }) => reason))
      await consumer.stop('the test is over')
      assert.deepEqual(await committedIn('deadletter'), reasons)
    })
  }

  it(`reports ${String(EMPTY_RECORDS)} empty records in one batch once, and goes on after them`, async () => {
    await append('kernel', 1, 10)
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    const times = { baseTimestampMs: 1, maxTimestampMs: 1 }
    publisher.appendBody('kernel', Buffer.from('k'), { count: EMPTY_RECORDS, ...times, attributes: 0, records: emptyRecords() }, 1)
    await publisher.close()
    await append('kernel', 11, 20)
    const damaged: number[][] = []
    await log.consume({
      group: 'g-kernel',
      topics: ['kernel'],
      from: 'earliest',
      outputs: ['audit'],
      handler: async (batch, signal) => {
        const { nextOffset, outputs } = await copyToAlerts(batch, signal)
        return { nextOffset, outputs: outputs.map((output) => ({ ...output, topic: 'audit' as const })) }
      },
      onDamaged: ({ firstOffset, lastOffset }) => void damaged.push([firstOffset, lastOffset]),
    })
    const seen = await numbersIn(kafka.config, 'audit', 20)
    assert.deepEqual(compareNumbers(seen, 20), { missing: 0, repeated: 0, isOrdered: true })
    assert.deepEqual(damaged, [[10, 10 + EMPTY_RECORDS - 1]])
  })
})
