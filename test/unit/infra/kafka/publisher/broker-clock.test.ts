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
const [A, B, C, D] = [1, 2, 3, 4] as const

describe('infra/kafka/publisher/broker-clock', () => {
  it('knows no bound before the first answer, then five minutes after the time of the broker', () => {
    const clock = new BrokerClock(SILENT_LOGGER, { brokerClocksApart: 0 })
    assert.equal(clock.latestMs(A), Infinity)
    assert.equal(clock.offsetMs, null)
    const brokerMs = Date.now() - YEAR_MS
    clock.answered(A, brokerMs, performance.now())
    const ahead = clock.latestMs(A) - brokerMs
    assert.ok(ahead >= FIVE_MINUTES_MS && ahead < FIVE_MINUTES_MS + 1_000, String(ahead))
    assert.ok(Math.abs((clock.offsetMs ?? 0) - YEAR_MS) < 1_000, String(clock.offsetMs))
  })

  it('warns once while the clock is ahead', () => {
    const warned: unknown[] = []
    const clock = new BrokerClock({ ...SILENT_LOGGER, warn: (facts: unknown) => void warned.push(facts) }, { brokerClocksApart: 0 })
    clock.answered(A, Date.now() - YEAR_MS, performance.now())
    clock.clamped(A)
    clock.answered(A, Date.now() - YEAR_MS, performance.now())
    clock.clamped(A)
    assert.equal(warned.length, 1)
    clock.answered(A, Date.now(), performance.now())
    clock.answered(A, Date.now() - YEAR_MS, performance.now())
    clock.clamped(A)
    assert.equal(warned.length, 2)
  })
})

describe('clocks of several brokers', () => {
  const realMonotonic = performance.now
  afterEach(() => (performance.now = realMonotonic))

  const clockOf = (offsetsMs: Readonly<Record<number, number>>): BrokerClock => {
    const clock = new BrokerClock(SILENT_LOGGER, { brokerClocksApart: 0 })
    for (const [broker, offsetMs] of Object.entries(offsetsMs)) clock.answered(Number(broker), Date.now() + offsetMs, performance.now())
    return clock
  }
  /** How far a record may be ahead of this host's clock at a broker, rounded to seconds. */
  const aheadMs = (clock: BrokerClock, broker: number): number => Math.round((clock.latestMs(broker) - Date.now()) / 1_000) * 1_000

  it('limits times at a broker by its own clock, and not by the clock of one other broker', () => {
    const clock = clockOf({ [A]: -YEAR_MS })
    assert.equal(aheadMs(clock, A), FIVE_MINUTES_MS - YEAR_MS)
    assert.equal(clock.latestMs(B), Infinity)
    assert.equal(clock.latestMs(-1), Infinity)
    assert.equal(clock.isSettled, true)
  })

  it('limits times at an unknown broker by the median, once brokers agree', () => {
    const two = clockOf({ [A]: 0, [B]: 20_000 })
    assert.equal(aheadMs(two, C), FIVE_MINUTES_MS)
    assert.equal(clockOf({ [A]: 0, [B]: 80_000 }).latestMs(C), Infinity)
    for (const wrongMs of [-YEAR_MS, YEAR_MS]) {
      const three = clockOf({ [A]: 0, [B]: 0, [C]: wrongMs })
      assert.equal(aheadMs(three, D), FIVE_MINUTES_MS)
      assert.ok(Math.abs(three.offsetMs ?? NaN) < 1_000)
      // It refuses what is later than its own clock allows, and must not take what pins the retention of the others.
      assert.equal(aheadMs(three, C), FIVE_MINUTES_MS + Math.min(0, wrongMs))
    }
  })

  it('limits times that a broker refused by the latest clock that is earlier', () => {
    const hostAhead = clockOf({ [A]: -YEAR_MS })
    hostAhead.refused(B, 1, Date.now())
    assert.equal(aheadMs(hostAhead, B), FIVE_MINUTES_MS - YEAR_MS)
    assert.equal(hostAhead.latestMs(C), Infinity)
    const brokerAhead = clockOf({ [A]: YEAR_MS })
    brokerAhead.refused(B, 1, Date.now() + 3_600_000)
    assert.equal(aheadMs(brokerAhead, B), FIVE_MINUTES_MS)
    brokerAhead.refused(B, 2, Date.now() + FIVE_MINUTES_MS)
    assert.equal(brokerAhead.latestMs(B), Infinity)
  })

  it('forgets a refusal after ten minutes, and an answer after an hour', () => {
    const clock = clockOf({ [A]: -YEAR_MS })
    clock.refused(B, 1, Date.now())
    const pass = (ms: number): void => {
      performance.now = () => realMonotonic.call(performance) + ms
    }
    pass(590_000)
    assert.ok(clock.latestMs(B) < Infinity)
    pass(610_000)
    assert.equal(clock.latestMs(B), Infinity)
    assert.ok(clock.latestMs(A) < Infinity)
    pass(3_610_000)
    assert.equal(clock.latestMs(A), Infinity)
    assert.equal(clock.offsetMs, null)
    assert.equal(clock.isSettled, false)
  })

  it('counts answers while clocks differ by more than a minute, and warns once with the offsets', () => {
    const warned: unknown[] = []
    const counters = { brokerClocksApart: 0 }
    const clock = new BrokerClock({ ...SILENT_LOGGER, warn: (facts: unknown) => void warned.push(facts) }, counters)
    const answer = (broker: number, offsetMs: number): void => clock.answered(broker, Date.now() + offsetMs, performance.now())
    answer(A, 0)
    answer(B, 50_000)
    assert.deepEqual([counters.brokerClocksApart, warned.length], [0, 0])
    answer(B, 70_000)
    answer(A, 0)
    assert.deepEqual([counters.brokerClocksApart, warned.length], [2, 1])
    assert.deepEqual(Object.keys((warned[0] as { offsetsMs: object }).offsetsMs), [String(A), String(B)])
    answer(B, 0)
    answer(B, 70_000)
    assert.deepEqual([counters.brokerClocksApart, warned.length], [3, 2])
  })
})

describe('a broker clock without an answer', () => {
  const realNow = Date.now
  afterEach(() => (Date.now = realNow))

  it('uses the time of the host after twenty refusals of a batch, until an answer arrives', () => {
    const warned: unknown[] = []
    const clock = new BrokerClock({ ...SILENT_LOGGER, warn: (facts: unknown) => void warned.push(facts) }, { brokerClocksApart: 0 })
    for (let refusals = 1; refusals < 20; refusals++) clock.refused(A, refusals, Date.now())
    assert.equal(clock.isSettled, false)
    clock.refused(A, 20, Date.now())
    clock.refused(A, 21, Date.now())
    assert.equal(clock.isSettled, true)
    assert.equal(warned.length, 1)
    assert.ok(Math.abs(clock.latestMs(A) - Date.now() - FIVE_MINUTES_MS) < 1_000)
    assert.ok(Math.abs(clock.clampToMs(A) - Date.now()) < 1_000)
    clock.answered(A, Date.now() - YEAR_MS, performance.now())
    assert.ok(clock.clampToMs(A) < Date.now() - YEAR_MS + 2 * FIVE_MINUTES_MS)
  })

  it('forgets broker time after a suspend of more than a minute, but not after a shorter one', () => {
    const clock = new BrokerClock(SILENT_LOGGER, { brokerClocksApart: 0 })
    const startMs = Date.now()
    clock.answered(A, startMs, performance.now())
    Date.now = () => startMs + 50_000
    assert.ok(clock.latestMs(A) < startMs + FIVE_MINUTES_MS + 5_000)
    Date.now = () => startMs + 90_000
    assert.equal(clock.latestMs(A), Infinity)
    assert.equal(clock.offsetMs, null)
    clock.answered(A, startMs + 90_000, performance.now())
    assert.ok(clock.latestMs(A) >= startMs + 90_000 + FIVE_MINUTES_MS)
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

  it('does not limit the times of records for other brokers when the clock of one broker is a year late', async () => {
    const { publisher } = publisherOver(broker, { publishTopics: ['file', 'host'] })
    broker.leaders.set(HOST, 7)
    broker.appendedMs.set(HOST, Date.now() - YEAR_MS)
    append(publisher, 'host', Date.now(), 1)
    await publisher.flush()
    const timestampMs = Date.now()
    append(publisher, 'file', timestampMs, 2)
    await publisher.flush()
    assert.equal(broker.sent.at(-1)?.maxTimestampMs, timestampMs)
    assert.equal(publisher.counters.clampedRecords, 0)
    await publisher.close()
  })

  it('limits the times that a broker refuses while the clock of another broker is a year ahead, and loses nothing', async () => {
    const { publisher, reports } = publisherOver(broker, { publishTopics: ['file', 'host'] })
    const nowMs = Date.now()
    broker.leaders.set(HOST, 7)
    broker.appendedMs.set(HOST, nowMs + YEAR_MS)
    broker.refuses = ({ topic, maxTimestampMs }) => (topic !== HOST && maxTimestampMs > Date.now() + 360_000 ? INVALID_TIMESTAMP : 0)
    append(publisher, 'host', nowMs, 1)
    await publisher.flush()
    for (const mark of [2, 3]) {
      append(publisher, 'file', nowMs + 3_600_000, mark)
      await publisher.flush()
    }
    const files = broker.sent.filter(({ topic }) => topic !== HOST)
    // The second one is limited before it is sent.
    assert.deepEqual(
      files.map(({ isTaken }) => isTaken),
      [false, true, true],
    )
    assert.deepEqual(reports.losses, [])
    assert.equal(publisher.counters.clampedRecords, 2)
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
