// The sink of a Kafka topic with a real broker: whatever is sent again, by whom, and whenever the process before ended, each alert is once among the
// committed records of the topic.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import kafkajs, { type Consumer, type KafkaMessage } from 'kafkajs'
import { KAFKA_SINK } from '../../../../../processors/delivery/sinks/kafka.js'
import type { AlertSink, TopicAlert } from '../../../../../processors/delivery/sink.js'
import { MAX_AHEAD_MS } from '../../../../../infra/topic-log/topics.js'
import { createSink } from '../../../../support/delivery/topic-alerts.js'
import { hostileAlerts } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'
import { sharedKafka } from '../../../../support/services/services.js'
import { waitForCount } from '../../../../support/wait-for.js'

const NEVER = new AbortController().signal

describe('the sink of a Kafka topic', function () {
  const run = randomUUID().slice(0, 8)
  const [topic, alertsTopic, narrow] = [`copy-${run}`, `alerts-${run}`, `narrow-${run}`]
  let broker: string
  let consumer: Consumer
  const sinks: AlertSink[] = []
  const seen: KafkaMessage[] = []

  before(async () => {
    broker = (await sharedKafka()).address
    const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    const configEntries = [{ name: 'max.message.bytes', value: '5000' }]
    const topics = [topic, alertsTopic, narrow].map((name) => ({ topic: name, numPartitions: 2 }))
    await admin.createTopics({ topics: topics.map((one) => (one.topic === narrow ? { ...one, configEntries } : one)) })
    await admin.disconnect()
    consumer = kafka.consumer({ groupId: `reader-${run}` })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic, narrow], fromBeginning: true })
    await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void seen.push(message)) })
  })

  after(async () => {
    for (const sink of sinks) await sink.close()
    await consumer.disconnect()
  })

  async function sinkOf(settings: object = {}): Promise<AlertSink> {
    const sink = await createSink(KAFKA_SINK, { brokers: [broker], topic, alertsTopic, format: 'json', ...settings })
    sinks.push(sink)
    return sink
  }

  function alertsFrom(offset: number, count: number, output = ''): TopicAlert[] {
    return Array.from({ length: count }, (_, index) => {
      const alertId = (offset + index).toString(16).padStart(32, '0')
      return { alert: testAlert({ alertId, output }), bytes: new Uint8Array(), partition: 1, offset: offset + index }
    })
  }

  const idsSeen = (): number[] => seen.map(({ headers }) => parseInt(String(headers?.['alert-id']), 16))

  it('copies each alert once, over repeats, a second process, and one that takes over from a first that goes on', async () => {
    const first = await sinkOf()
    await Promise.all([first.send(alertsFrom(10, 5), NEVER), first.send(alertsFrom(12, 5), NEVER)])
    const second = await sinkOf()
    await second.send(alertsFrom(10, 20), NEVER)
    // It does not know that it was replaced: its transaction is refused, and it goes on at the mark of the other.
    assert.ok((await first.send(alertsFrom(20, 20), NEVER)).every(({ kind }) => kind === 'delivered'))
    await waitForCount('alerts in the topic', () => seen.length, 30)
    assert.deepEqual(
      idsSeen().sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, index) => 10 + index),
    )
    assert.deepEqual(new Set(seen.map(({ key }) => key?.toString())), new Set([testAlert().origin.hostId]))
    assert.equal((JSON.parse(seen[0]?.value?.toString() ?? '') as { rule: string }).rule, 'Credential file read')
  })

  it('refuses what is too large, and copies it when somebody sends it again with a larger bound', async () => {
    seen.length = 0
    const [large] = alertsFrom(101, 1, 'x'.repeat(5_000))
    assert.ok(large !== undefined)
    const bounded = await sinkOf({ maxMessageBytes: 4_000 })
    const outcomes = await bounded.send([...alertsFrom(100, 1), large, ...alertsFrom(102, 1)], NEVER)
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['delivered', 'refused', 'delivered'],
    )
    const wide = await sinkOf()
    assert.deepEqual(await wide.send([large], NEVER), [{ kind: 'delivered' }])
    assert.deepEqual(await wide.send([large], NEVER), [{ kind: 'delivered' }])
    await waitForCount('alerts in the topic', () => seen.length, 3)
    assert.deepEqual(idsSeen(), [100, 102, 101])
  })

  it('copies a batch of more than a broker takes at once, and the time of a host that is far ahead within bounds', async () => {
    seen.length = 0
    const wallTimeUs = (Date.now() + 86_400_000) * 1_000
    const large = alertsFrom(1_000, 500, 'x'.repeat(6_000)).map((item): TopicAlert => {
      return { ...item, alert: { ...item.alert, origin: { ...item.alert.origin, wallTimeUs } } }
    })
    const outcomes = await (await sinkOf()).send(large, NEVER)
    assert.ok(outcomes.every(({ kind }) => kind === 'delivered'))
    await waitForCount('alerts in the topic', () => seen.length, 500)
    assert.deepEqual(
      idsSeen(),
      Array.from({ length: 500 }, (_, index) => 1_000 + index),
    )
    assert.ok(seen.every(({ timestamp }) => Number(timestamp) <= Date.now() + MAX_AHEAD_MS))
  })

  it('refuses only what the topic does not take, and writes it when somebody redrives it, whatever the mark says', async () => {
    seen.length = 0
    const large = alertsFrom(2_001, 1, 'x'.repeat(10_000))
    const alerts = [...alertsFrom(2_000, 1), ...large, ...alertsFrom(2_002, 3)]
    const sink = await sinkOf({ topic: narrow })
    const expected = ['delivered', 'refused', 'delivered', 'delivered', 'delivered']
    for (let attempt = 0; attempt < 2; attempt++) {
      const outcomes = await sink.send(alerts, NEVER)
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        expected,
      )
    }
    await sink.send(
      alertsFrom(2_003, 1).map((alert) => ({ ...alert, isRedriven: true as const })),
      NEVER,
    )
    await waitForCount('alerts in the topic', () => seen.length, 5)
    assert.deepEqual(idsSeen(), [2_000, 2_002, 2_003, 2_004, 2_003])
  })

  it('copies hostile alerts as they are, and the record of the topic unchanged', async () => {
    seen.length = 0
    const alerts = hostileAlerts().map((alert, index): TopicAlert => ({
      alert,
      bytes: Buffer.from([0, index]),
      partition: 0,
      offset: index,
    }))
    await (await sinkOf({ maxMessageBytes: 10_000_000, format: 'avro' })).send(alerts, NEVER)
    await waitForCount('alerts in the topic', () => seen.length, alerts.length)
    assert.deepEqual(
      seen.map(({ value }) => value?.[1]),
      alerts.map(({ offset }) => offset),
    )
  })

  it('refuses to deliver into the alerts topic', async () => {
    await assert.rejects(sinkOf({ topic: alertsTopic }), /again and again/)
  })
})
