// A group whose broker dies: its member is back long before the session of what it was before has ended.
import assert from 'node:assert/strict'
import { groupLag } from '../../../../infra/kafka/admin.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { TopicAppender } from '../../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { startOwnKafka, type OwnKafka } from '../../../support/services/own-kafka.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

// Longer than this test: a member that waits for the end of a session is never back in time.
const SESSION_MS = 300_000

describe('infra/kafka groups after the end of a broker', () => {
  let kafka: OwnKafka
  let log: KafkaTopicLog
  let warnings: string[] = []

  before(async () => {
    kafka = await startOwnKafka(1)
    log = new KafkaTopicLog(
      { ...kafka.config, sessionTimeoutMs: SESSION_MS },
      { ...SILENT_LOGGER, warn: (_, message) => warnings.push(message) },
    )
  })
  beforeEach(() => (warnings = []))
  after(async () => {
    await log.close()
    await kafka.service.stop()
  })

  const append = async (): Promise<TopicAppender> =>
    await log.appender(
      () => undefined,
      () => undefined,
    )
  /** A reader of a topic with the offsets that it received. @param handled called with the count before the batch is finished */
  const read = async (topic: TopicKey, from: 'earliest' | 'latest', handled: (count: number) => Promise<void> = async () => undefined) => {
    const offsets: number[] = []
    const reader = await log.consume({
      group: `reader-${topic}`,
      topics: [topic],
      from,
      outputs: [],
      handler: async (batch) => {
        while (batch.next()) offsets.push(batch.offset)
        await handled(offsets.length)
        return { nextOffset: batch.lastOffset + 1, outputs: [] }
      },
    })
    return { reader, offsets }
  }
  /** The members have noticed that the broker is away, and it is back. */
  const returned = async (): Promise<void> => {
    await waitFor('the end of the membership', () => warnings.includes('Kafka gives no records, trying again'))
    await kafka.restart()
  }

  it('repeat no handled record for a reader, although the broker died before the commit', async () => {
    const publisher = await append()
    const { reader, offsets } = await read('file', 'earliest', async (count) => {
      if (count === 100) await kafka.service.kill9()
    })
    appendNumbers(publisher, 'file', 1, 100)
    await returned()
    appendNumbers(publisher, 'file', 101, 200)
    await waitForCount('the records after the outage', () => offsets.length, 200)
    assert.deepEqual(
      offsets,
      Array.from({ length: 200 }, (_, offset) => offset),
    )
    await reader.stop('the test is over')
  })

  it('that start at the end keep that position, although the broker died before they read anything', async () => {
    const publisher = await append()
    appendNumbers(publisher, 'network', 1, 10)
    await publisher.flush()
    const { reader, offsets } = await read('network', 'latest')
    const place = async (): Promise<number | null> =>
      (await groupLag(kafka.config, 'reader-network', ['network'], SILENT_LOGGER))[0]?.committed ?? null
    await waitFor('its place', async () => (await place()) === 10)
    await kafka.service.kill9()
    await returned()
    appendNumbers(publisher, 'network', 11, 60)
    await waitForCount('the records after the outage', () => offsets.length, 50)
    assert.deepEqual(
      offsets,
      Array.from({ length: 50 }, (_, index) => 10 + index),
    )
    await reader.stop('the test is over')
  })

  it('do not wait for the session of the member that was cut off', async () => {
    let handled = 0
    await log.consume({
      group: 'rejoin',
      topics: ['process'],
      from: 'earliest',
      handler: async (batch, signal) => {
        const result = await copyToAlerts(batch, signal)
        handled += batch.length
        return result
      },
    })
    let acked = 0
    const publisher = await log.appender(
      (_topic, mark) => (acked = mark),
      () => undefined,
    )
    appendNumbers(publisher, 'process', 1, 100)
    await waitForCount('the first records', () => handled, 100)
    await kafka.service.kill9()
    await returned()
    appendNumbers(publisher, 'process', 101, 200)
    await waitForCount('acknowledgements', () => acked, 200)
    await waitForCount('the records after the outage', () => handled, 200)
    assert.deepEqual(compareNumbers(await numbersIn(kafka.config, 'alerts', 200), 200), { missing: 0, repeated: 0, isOrdered: true })
  })
})
