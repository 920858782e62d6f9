import assert from 'node:assert/strict'
import { BrokerClock } from '../../../../../infra/kafka/publisher/broker-clock.js'
import type { KafkaPublisher } from '../../../../../infra/kafka/publisher/publisher.js'
import { readRecords } from '../../../../../infra/kafka/publisher/record-batch.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type { TopicKey } from '../../../../../infra/topic-log/topics.js'
import { KEY, publisherOver, ScriptedBroker } from '../../../../support/fakes/scripted-broker.js'
import { waitFor } from '../../../../support/wait-for.js'

const YEAR_MS = 365 * 86_400_000
const FIVE_MINUTES_MS = 300_000

describe('infra/kafka/publisher/broker-clock', () => {
  it('knows no bound before the first answer, then five minutes after the time of the broker', () => {
    const clock = new BrokerClock(SILENT_LOGGER)
    assert.equal(clock.latestMs(), Infinity)
    assert.equal(clock.offsetMs, null)
    const brokerMs = Date.now() - YEAR_MS
    clock.answered(brokerMs, performance.now())
    const ahead = clock.latestMs() - brokerMs
    assert.ok(ahead >= FIVE_MINUTES_MS && ahead < FIVE_MINUTES_MS + 1_000, String(ahead))
    assert.ok(Math.abs((clock.offsetMs ?? 0) - YEAR_MS) < 1_000, String(clock.offsetMs))
  })

  it('warns once while the clock is ahead', () => {
    const warned: unknown[] = []
    const clock = new BrokerClock({ ...SILENT_LOGGER, warn: (facts: unknown) => void warned.push(facts) })
    clock.answered(Date.now() - YEAR_MS, performance.now())
    clock.clamped()
    clock.answered(Date.now() - YEAR_MS, performance.now())
    clock.clamped()
    assert.equal(warned.length, 1)
    clock.answered(Date.now(), performance.now())
    clock.answered(Date.now() - YEAR_MS, performance.now())
    clock.clamped()
    assert.equal(warned.length, 2)
  })
})

describe('a broker clock without an answer', () => {
  const realNow = Date.now
  afterEach(() => (Date.now = realNow))

  it('uses the time of the host after twenty refusals of a batch, until an answer arrives', () => {
    const warned: unknown[] = []
    const clock = new BrokerClock({ ...SILENT_LOGGER, warn: (facts: unknown) => void warned.push(facts) })
    for (let refusals = 1; refusals < 20; refusals++) clock.refused(refusals)
    assert.equal(clock.isSettled, false)
    clock.refused(20)
    clock.refused(21)
    assert.equal(clock.isSettled, true)
    assert.equal(warned.length, 1)
    assert.ok(Math.abs(clock.latestMs() - Date.now() - FIVE_MINUTES_MS) < 1_000)
    assert.ok(Math.abs(clock.clampToMs() - Date.now()) < 1_000)
    clock.answered(Date.now() - YEAR_MS, performance.now())
    assert.ok(clock.clampToMs() < Date.now() - YEAR_MS + 2 * FIVE_MINUTES_MS)
  })

  it('forgets broker time after a suspend of more than a minute, but not after a shorter one', () => {
    const clock = new BrokerClock(SILENT_LOGGER)
    const startMs = Date.now()
    clock.answered(startMs, performance.now())
    Date.now = () => startMs + 50_000
    assert.ok(clock.latestMs() < startMs + FIVE_MINUTES_MS + 5_000)
    Date.now = () => startMs + 90_000
    assert.equal(clock.latestMs(), Infinity)
    assert.equal(clock.offsetMs, null)
    clock.answered(startMs + 90_000, performance.now())
    assert.ok(clock.latestMs() >= startMs + 90_000 + FIVE_MINUTES_MS)
  })
})

describe('a publisher on a host whose clock is ahead', () => {
  const INVALID_TIMESTAMP = 32
  const HOST = 'eunomia.host.v1'
  let broker: ScriptedBroker
  beforeEach(() => (broker = new ScriptedBroker()))

  function append(publisher: KafkaPublisher, topic: TopicKey, timestampMs: number, mark: number): void {
    publisher.append({ topic, key: KEY, value: Buffer.alloc(40, mark), valueStart: 0, valueEnd: 40, timestampMs, mark })
  }

  for (const compression of ['none', 'zstd'] as const)
    it(`limits times that are too late, counts them, and does not change the others (compression ${compression})`, async () => {
      const { publisher, reports } = publisherOver(broker, { compression, publishTopics: ['file', 'host'] })
      const brokerMs = Date.now()
      broker.appendedMs.set(HOST, brokerMs)
      append(publisher, 'host', brokerMs, 1)
      await publisher.flush()
      assert.ok(Math.abs(publisher.clockOffsetMs ?? NaN) < 1_000)
      for (let mark = 2; mark < 12; mark++) append(publisher, 'file', mark % 2 === 0 ? brokerMs : brokerMs + YEAR_MS, mark)
      await publisher.flush()
      const sent = broker.sent[1]
      const batch = Buffer.from(sent?.batch ?? '', 'hex')
      assert.equal(Number(batch.readBigInt64BE(27)), brokerMs)
      const ahead = (sent?.maxTimestampMs ?? 0) - brokerMs
      assert.ok(ahead >= FIVE_MINUTES_MS && ahead < FIVE_MINUTES_MS + 5_000, String(ahead))
      assert.equal(batch.readInt16BE(21) & 7, compression === 'zstd' ? 4 : 0)
      readRecords(sent?.plain ?? Buffer.alloc(0), 10, (index, delta, _keyStart, _keyEnd, valueStart, valueEnd) => {
        assert.equal(delta, index % 2 === 0 ? 0 : ahead)
        assert.deepEqual(sent?.plain.subarray(valueStart, valueEnd), Buffer.alloc(40, index + 2))
      })
      assert.equal(publisher.counters.clampedRecords, 5)
      assert.deepEqual(reports.losses, [])
      await publisher.close()
    })

  it('holds a batch that is refused for its time until broker time is known, and sends it with the same sequence', async () => {
    const { publisher, reports } = publisherOver(broker, { publishTopics: ['file', 'host'] })
    const brokerMs = Date.now() - YEAR_MS
    broker.refuses = ({ topic, maxTimestampMs }) => (topic !== HOST && maxTimestampMs > brokerMs + 360_000 ? INVALID_TIMESTAMP : 0)
    append(publisher, 'file', Date.now(), 1)
    await waitFor('a second refusal', () => broker.sent.length >= 2)
    assert.deepEqual(reports, { acks: [], losses: [] })
    broker.appendedMs.set(HOST, brokerMs)
    append(publisher, 'host', Date.now(), 2)
    await publisher.flush()
    const files = broker.sent.filter(({ topic }) => topic !== HOST)
    assert.equal(files.at(-1)?.isTaken, true)
    assert.deepEqual([...new Set(files.map(({ sequence }) => sequence))], [0])
    assert.deepEqual(reports.losses, [])
    assert.equal(publisher.counters.clampedRecords, 1)
    await publisher.close()
  })

  it('limits times to that of the host when heartbeats carry no broker time, and loses only the record that is still refused', async () => {
    const { publisher, reports } = publisherOver(broker, { publishTopics: ['file', 'host'] })
    const nowMs = Date.now()
    broker.refuses = ({ plain, maxTimestampMs }) =>
      maxTimestampMs > nowMs + 3_600_000 || plain.includes(Buffer.alloc(40, 5)) ? INVALID_TIMESTAMP : 0
    append(publisher, 'file', nowMs + YEAR_MS, 1)
    await waitFor('a refusal', () => broker.sent.length >= 1)
    append(publisher, 'host', nowMs, 2)
    for (let mark = 3; mark < 8; mark++) append(publisher, 'file', mark === 4 ? nowMs + YEAR_MS : nowMs, mark)
    await publisher.flush()
    assert.equal(publisher.bufferedBytes, 0)
    assert.deepEqual(
      reports.losses.map(([mark, records]) => [mark, records]),
      [[7, 1]],
    )
    assert.equal(publisher.counters.refusedRecords, 1)
    assert.equal(publisher.counters.clampedRecords, 2)
    await publisher.close()
  })

  for (const [kind, attributes] of [
    ['plain', 0],
    ['zstd', 4],
  ] as const)
    it(`sends an unreadable body unchanged, and the batches after it (${kind})`, async () => {
      const { publisher, reports } = publisherOver(broker, { publishTopics: ['file', 'host'] })
      broker.appendedMs.set(HOST, Date.now())
      append(publisher, 'host', Date.now(), 1)
      await publisher.flush()
      const farMs = Date.now() + YEAR_MS
      const records = Buffer.from('no records at all')
      publisher.appendBody('file', KEY, { count: 3, baseTimestampMs: farMs, maxTimestampMs: farMs, attributes, records }, 2)
      broker.answers.push(INVALID_TIMESTAMP)
      append(publisher, 'file', Date.now(), 3)
      await publisher.flush()
      assert.equal(publisher.counters.unclampedBatches, 1)
      assert.equal(publisher.counters.refusedRecords, 3)
      assert.equal(broker.sent.at(-1)?.isTaken, true)
      assert.equal(reports.acks.at(-1)?.[0], 3)
      assert.equal(publisher.bufferedBytes, 0)
      await publisher.close()
    })

  it('limits the times of bodies, plain or compressed, that were written before broker time was known', async () => {
    for (const compression of ['none', 'lz4'] as const) {
      const held = publisherOver(new ScriptedBroker(), { compression, lingerMs: 60_000 }).publisher
      append(held, 'file', Date.now(), 1)
      const [body] = held.held('file', KEY)
      assert.ok(body)
      const { publisher } = publisherOver(broker, { publishTopics: ['file', 'host'] })
      broker.appendedMs.set(HOST, Date.now() - YEAR_MS)
      append(publisher, 'host', Date.now(), 1)
      await publisher.flush()
      publisher.appendBody('file', KEY, body, 2)
      await publisher.flush()
      assert.ok((broker.sent.at(-1)?.maxTimestampMs ?? Infinity) < Date.now() - YEAR_MS + 2 * FIVE_MINUTES_MS)
      await publisher.close()
      await held.close(0)
    }
  })

  it('divides a batch that is refused for its time although it is within the bound', async () => {
    const { publisher, reports } = publisherOver(broker, { publishTopics: ['file', 'host'] })
    broker.appendedMs.set(HOST, Date.now())
    append(publisher, 'host', Date.now(), 1)
    await publisher.flush()
    broker.answers.push(INVALID_TIMESTAMP)
    append(publisher, 'file', Date.now(), 1)
    append(publisher, 'file', Date.now(), 2)
    await publisher.flush()
    assert.equal(publisher.counters.dividedBatches, 1)
    assert.deepEqual(reports.losses, [])
    await publisher.close()
  })
})
