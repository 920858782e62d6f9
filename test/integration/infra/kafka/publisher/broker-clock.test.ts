// A host whose clock is a year ahead, against a real broker: no record gets a Kafka timestamp that retains its segment for a year.
import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'
import { kafkajsClient } from '../../../../../infra/kafka/client-options.js'
import { topicNameOf, type KafkaConfig } from '../../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type { TopicAppender } from '../../../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../../../infra/topic-log/topics.js'
import { freshKafkaTopics } from '../../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../../support/services/services.js'
import { waitFor } from '../../../../support/wait-for.js'

const YEAR_MS = 365 * 86_400_000
const FIVE_MINUTES_MS = 300_000
const KEY = Buffer.from('host')
const realNow = Date.now

function append(appender: TopicAppender, topic: TopicKey, timestampMs: number, mark: number): void {
  const value = Buffer.from(`the body says ${String(timestampMs)}`)
  appender.append({ topic, key: KEY, value, valueStart: 0, valueEnd: value.length, timestampMs, mark })
}

async function timesIn(config: KafkaConfig, topic: TopicKey, count: number): Promise<[timestampMs: number, body: string][]> {
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  const found: [number, string][] = []
  await log.consume({
    group: `times-of-${topic}`,
    topics: [topic],
    from: 'earliest',
    outputs: [],
    handler: (batch) => {
      while (batch.next())
        found.push([batch.timestampMs, Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)).toString()])
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
  await waitFor(`${String(count)} records`, () => found.length >= count)
  await log.close()
  return found
}

describe('infra/kafka publishing with a clock that is a year ahead', function () {
  this.timeout(90_000)
  before(sharedKafka)
  afterEach(() => {
    Date.now = realNow
  })

  it('limits timestamps to five minutes after broker time, also before the first heartbeat, and does not change the bodies', async () => {
    const config = await freshKafkaTopics({ compression: 'zstd' }, 1)
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    Date.now = () => realNow() + YEAR_MS
    const acknowledged = new Map<TopicKey, number>()
    const appender = await log.appender(
      (topic, mark) => acknowledged.set(topic, mark),
      () => assert.fail('a loss'),
    )
    const startMs = realNow()
    append(appender, 'file', Date.now(), 1)
    append(appender, 'file', startMs, 2)
    // The events are sent, and refused, before broker time is known.
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(acknowledged.get('file'), undefined)
    append(appender, 'host', Date.now(), 1)
    await appender.flush()
    append(appender, 'file', Date.now(), 3)
    await appender.flush()
    const { clockOffsetMs, counters } = appender
    await log.close()
    Date.now = realNow

    assert.ok(Math.abs((clockOffsetMs ?? 0) - YEAR_MS) < 5_000, String(clockOffsetMs))
    assert.equal(counters?.['clampedRecords'], 2)
    const events = await timesIn(config, 'file', 3)
    assert.equal(events[1]?.[0], startMs)
    for (const index of [0, 2]) {
      const [timestampMs = 0, body = ''] = events[index] ?? []
      assert.ok(timestampMs > startMs && timestampMs <= realNow() + FIVE_MINUTES_MS, String(timestampMs - startMs))
      assert.ok(Number(body.split(' ').at(-1)) >= startMs + YEAR_MS, body)
    }
    const [[heartbeatMs = 0] = []] = await timesIn(config, 'host', 1)
    assert.ok(heartbeatMs >= startMs && heartbeatMs <= realNow(), String(heartbeatMs - startMs))
  })

  it('is refused by the broker when a foreign producer does not limit its timestamps', async () => {
    const config = await freshKafkaTopics({}, 1)
    const producer = kafkajsClient(config, SILENT_LOGGER, { retries: 5 }).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    const messages = [{ key: 'host', value: 'x', timestamp: String(realNow() + YEAR_MS) }]
    await assert.rejects(producer.send({ topic: topicNameOf(config, 'process'), messages }), /timestamp/i)
    // Records of functions must never be refused for their time.
    await producer.send({ topic: topicNameOf(config, 'pending'), messages })
    await producer.disconnect()
  })
})
