// A whole sink over the memory log, the memory queue and a receiver of the test.
import assert from 'node:assert/strict'
import { Type } from '../../../../infra/config/json-shape.js'
import type { Part } from '../../../../infra/process/lifecycle.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import { RedisRefusedError, RedisUnreachableError } from '../../../../infra/redis/redis.js'
import { MemoryLog } from '../../../../infra/topic-log/memory-log/memory-log.js'
import type { TopicAppender } from '../../../../infra/topic-log/topic-log.js'
import { DeadLetterWriter } from '../../../../processors/delivery/dead-letters.js'
import { MemoryGroupStore } from '../../../../processors/delivery/grouping/memory-group-store.js'
import { MemoryQueue } from '../../../../processors/delivery/queue/memory-queue.js'
import type { Verdict } from '../../../../processors/delivery/reader.js'
import type { SinkSettings } from '../../../../processors/delivery/settings/delivery-settings.js'
import { MemorySettlement } from '../../../../processors/delivery/settlement/memory-settlement.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../../../../processors/delivery/sink.js'
import { startSink } from '../../../../processors/delivery/start-sink.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import { Membership, valueReader } from '../../../../processors/membership/membership.js'
import { Codec } from '../../../../schemas/codec.js'
import type { Alert, DeadLetter } from '../../../../schemas/generated/types.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { waitFor } from '../../../support/wait-for.js'

const CODEC = new Codec()
const DELIVERED: Outcome = { kind: 'delivered' }
type Send = (alerts: readonly TopicAlert[], signal: AbortSignal) => Promise<readonly Outcome[]>

describe('a sink', () => {
  let log: MemoryLog
  let appender: TopicAppender
  let queue: MemoryQueue
  let store: MemorySettlement
  let metrics: Metrics
  let part: Part | undefined
  let letters: DeadLetterWriter
  let mark = 0
  /** Numbers of the alerts that the receiver took, in its order. */
  let taken: number[]
  let judge: (alert: Alert) => Verdict

  beforeEach(async () => {
    log = new MemoryLog()
    appender = await log.appender(
      () => undefined,
      () => undefined,
    )
    letters = await DeadLetterWriter.open(log, CODEC)
    ;[queue, store, metrics, taken, judge] = [new MemoryQueue(), new MemorySettlement(), new Metrics(), [], () => 'send']
  })
  afterEach(async () => {
    await part?.stop('test ends')
    part = undefined
    await letters.close()
    await appender.close()
    await log.close()
  })

  function append(from: number, to: number, output = 'x'): void {
    for (let number = from; number < to; number++) {
      const value = CODEC.encode('alerts', testAlert({ alertId: String(number).padStart(32, '0'), output }))
      const record = { topic: 'alerts' as const, key: Buffer.from('host'), value, valueStart: 0, valueEnd: value.length }
      appender.append({ ...record, timestampMs: 1_700_000_000_000, mark: ++mark })
    }
  }

  async function start(send: Send, changes: Partial<SinkSettings> & { isOrdered?: boolean } = {}): Promise<void> {
    const sender: AlertSink = { send, close: () => Promise.resolve() }
    const kind = defineAlertSink({
      ...{ kind: 'test', takes: 'alerts', isOrdered: changes.isOrdered ?? false, batch: { alerts: 10, bytes: 1_000_000 } },
      settings: Type.Object({}),
      create: () => Promise.resolve(sender),
    })
    const settings: SinkSettings = {
      ...{
        name: 'out',
        kind,
        concurrency: 4,
        ratePerSecond: null,
        timeoutMs: 5_000,
        from: 'earliest',
        maxLag: 1_000,
        grouping: {},
        own: {},
      },
      backoff: { firstMs: 5, maxMs: 20 },
      batch: { alerts: undefined, bytes: undefined },
      ...changes,
    }
    part = await startSink(settings, {
      ...{ topicLog: log, codec: CODEC, log: SILENT_LOGGER, metrics, deadLetters: letters, instance: 'a' },
      membership: new Membership(new MemoryStore(), valueReader(CODEC), metrics, SILENT_LOGGER),
      judge: (alert) => judge(alert),
      backendOf: () => ({ queue, store, groupsOf: () => new MemoryGroupStore(), doubtMs: 300 }),
    })
  }

  const numberOf = ({ alert }: TopicAlert): number => Number(alert.alertId)
  const take = (alerts: readonly TopicAlert[]): Outcome[] => {
    taken.push(...alerts.map(numberOf))
    return alerts.map(() => DELIVERED)
  }
  const settled = async (count: number): Promise<void> => {
    await waitFor(`${String(count)} settled alerts`, () => log.topic('alerts').finishedOffset >= count, {
      progress: () => log.topic('alerts').finishedOffset,
    })
  }
  const counterOf = async (name: string): Promise<number> =>
    Number(new RegExp(`^eunomia_delivery_${name}_total\\{sink="out"\\} (\\d+)$`, 'm').exec(await metrics.text())?.[1])

  async function deadLetters(count: number): Promise<DeadLetter[]> {
    const found: DeadLetter[] = []
    const reader = await log.consume({
      ...{ group: 'test', topics: ['deadletter'], from: 'earliest', outputs: [] },
      handler: (batch) => {
        while (batch.next()) found.push(CODEC.decode('deadletter', batch.valueBytes, batch.valueStart, batch.valueEnd))
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    await waitFor('the dead letters', () => found.length >= count)
    await reader.stop('read')
    return found
  }

  it('delivers every alert once, in batches, and commits what is settled', async () => {
    const sizes: number[] = []
    append(0, 95)
    await start((alerts) => {
      sizes.push(alerts.length)
      return Promise.resolve(take(alerts))
    })
    await settled(95)
    assert.deepEqual(
      taken.sort((a, b) => a - b),
      Array.from({ length: 95 }, (_, index) => index),
    )
    assert.equal(Math.max(...sizes), 10)
    assert.equal(await counterOf('delivered'), 95)
  })

  it('starts with new alerts where it should, and then misses none', async () => {
    append(0, 5)
    await start((alerts) => Promise.resolve(take(alerts)), { from: 'latest' })
    await waitFor('its start', () => log.topic('alerts').finishedOffset === 5)
    append(5, 8)
    await settled(8)
    assert.deepEqual(taken, [5, 6, 7])
  })

  it('keeps the order of an ordered sink, also when its receiver fails now and then', async () => {
    let calls = 0
    append(0, 200)
    await start((alerts) => (++calls % 3 === 0 ? Promise.reject(new Error('no')) : Promise.resolve(take(alerts))), { isOrdered: true })
    await settled(200)
    assert.deepEqual(
      taken,
      Array.from({ length: 200 }, (_, index) => index),
    )
    assert.ok((await counterOf('retried')) > 0)
  })

  it('sends only the rest of a batch again, and makes dead letters of what is refused', async () => {
    const attempts = new Map<number, number>()
    append(0, 50)
    await start((alerts) => {
      const outcomes = alerts.map((one): Outcome => {
        const number = numberOf(one)
        const attempt = (attempts.get(number) ?? 0) + 1
        attempts.set(number, attempt)
        if (number % 10 === 7) return { kind: 'refused', reason: 'mapping', answer: `no field for ${String(number)}` }
        if (number % 5 === 3 && attempt < 3) return { kind: 'retry', reason: 'busy' }
        taken.push(number)
        return DELIVERED
      })
      return Promise.resolve(outcomes)
    })
    await settled(50)
    assert.equal(new Set(taken).size, taken.length)
    assert.equal(taken.length, 45)
    for (const [number, count] of attempts) assert.equal(count, number % 5 === 3 ? 3 : 1, String(number))
    const dead = await deadLetters(5)
    assert.deepEqual(
      dead.map(({ offset }) => offset).sort((a, b) => a - b),
      [7, 17, 27, 37, 47],
    )
    const [first] = dead.filter(({ offset }) => offset === 7)
    assert.deepEqual(
      [first?.functionName, first?.errorCode, first?.errorMessage],
      ['deliver.out', 'EUNOMIA_SINK_REFUSED', 'mapping: no field for 7'],
    )
    assert.deepEqual([await counterOf('refused'), await counterOf('delivered'), await counterOf('retried')], [5, 45, 20])
    await waitFor('the dead jobs', async () => (await queue.counts()).dead === 5)
  })

  it('sends refused alerts again when somebody redrives them', async () => {
    let isRepaired = false
    append(0, 10)
    await start((alerts) => {
      assert.ok(alerts.every(({ isRedriven = false }) => isRedriven === isRepaired))
      return Promise.resolve(isRepaired ? take(alerts) : alerts.map(() => ({ kind: 'refused', reason: 'no', answer: '' })))
    })
    await settled(10)
    await waitFor('the dead job', async () => (await queue.counts()).dead === 1)
    isRepaired = true
    const [job] = await queue.dead(10)
    assert.equal(await queue.redrive(job?.id ?? ''), true)
    await waitFor('them', () => taken.length === 10)
    assert.equal(await queue.redrive(job?.id ?? ''), false)
    assert.equal((await deadLetters(10)).length, 10)
  })

  it('gives up a send that hangs, and tries it again', async () => {
    let calls = 0
    append(0, 10)
    await start(
      async (alerts, signal) => {
        if (++calls > 1) return take(alerts)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut off'))))
        return []
      },
      { timeoutMs: 20 },
    )
    await settled(10)
    assert.equal(taken.length, 10)
  })

  it('settles what is routed elsewhere or silenced without sending it', async () => {
    judge = ({ alertId }) => (Number(alertId) % 3 === 0 ? 'elsewhere' : Number(alertId) % 3 === 1 ? 'silenced' : 'send')
    append(0, 99)
    await start((alerts) => Promise.resolve(take(alerts)))
    await settled(99)
    assert.ok(taken.every((number) => number % 3 === 2))
    assert.deepEqual([await counterOf('elsewhere'), await counterOf('silenced'), await counterOf('delivered')], [33, 33, 33])
  })

  it('reads on only up to its bound while its receiver is away, and delivers everything afterwards', async () => {
    let isAway = true
    append(0, 3_000)
    await start((alerts) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(take(alerts))), { maxLag: 200 })
    await waitFor('the bound', async () => {
      const { waiting, active, delayed } = await queue.counts()
      return waiting + active + delayed === 20
    })
    await waitFor('the pause', async () =>
      /eunomia_function_pauses_total\{function="deliver.out",topic="alerts"\} [1-9]/.test(await metrics.text()),
    )
    isAway = false
    await settled(3_000)
    assert.equal(new Set(taken).size, 3_000)
    assert.equal(taken.length, 3_000)
  })

  it('keeps only so many bytes of alerts in the queue, however large they are', async () => {
    let isAway = true
    const output = 'x'.repeat(500_000)
    await appender.close()
    await log.close()
    log = new MemoryLog({ topicBytes: 200_000_000 })
    appender = await log.appender(
      () => undefined,
      () => undefined,
    )
    append(0, 100, output)
    await start((alerts) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(take(alerts))))
    let jobs = 0
    const counted = async (): Promise<number> => {
      const { waiting, active, delayed } = await queue.counts()
      return (jobs = waiting + active + delayed)
    }
    await waitFor('a filled queue', async () => (await counted()) >= 16)
    await waitFor('a while without more', async () => (await counterOf('retried')) > 200, { progress: () => jobs })
    // 16 MiB and a little more; without the bound, all 100.
    assert.ok((await counted()) < 50, String(jobs))
    isAway = false
    await settled(100)
    assert.equal(taken.length, 100)
  })

  it('loses nothing when the store is emptied at any time; repeats are only of jobs that were in flight', async () => {
    append(0, 2_000)
    let calls = 0
    await start(async (alerts) => {
      const outcomes = take(alerts)
      if (++calls % 25 === 0) store.clear()
      await Promise.resolve()
      return outcomes
    })
    await settled(2_000)
    assert.equal(new Set(taken).size, 2_000)
  })

  /** The queue says that it took the first job, and loses it. */
  function loseFirst(): void {
    const add = queue.add.bind(queue)
    let isLost = false
    queue.add = async (jobs) => {
      await add(isLost ? jobs : jobs.slice(1))
      isLost = true
    }
  }

  it('reads the alerts of a lost job again before the next ones of an ordered sink', async () => {
    loseFirst()
    append(0, 20)
    await start((alerts) => Promise.resolve(take(alerts)), { isOrdered: true })
    await settled(20)
    assert.deepEqual(
      taken,
      Array.from({ length: 20 }, (_, index) => index),
    )
  })

  it('finds a lost job also while others come and go', async () => {
    loseFirst()
    append(0, 10)
    await start((alerts) => Promise.resolve(take(alerts)))
    let number = 10
    await waitFor('the lost ones', () => {
      append(number, ++number)
      return taken.includes(0)
    })
    await settled(number)
    assert.equal(taken.length, number)
    assert.equal(new Set(taken).size, number)
  })

  it('makes no dead letters of alerts whose claims Redis refuses, and delivers them afterwards', async () => {
    const claim = store.claim.bind(store)
    let refusals = 0
    store.claim = async (...args) => {
      if (refusals++ < 2) throw new RedisRefusedError('NOPERM')
      return await claim(...args)
    }
    append(0, 2)
    await start((alerts) => Promise.resolve(take(alerts)))
    await settled(2)
    assert.deepEqual([taken.length, log.topic('deadletter').nextOffset], [2, 0])
  })

  it('settles what is delivered, however often the store or the dead letters fail', async () => {
    const settle = store.settle.bind(store)
    let refusals = 0
    store.settle = async (...args) => {
      if (refusals++ % 3 !== 2) throw new RedisRefusedError('NOPERM')
      return await settle(...args)
    }
    const write = letters.write.bind(letters)
    let failures = 0
    letters.write = async (...args) => {
      if (failures++ < 1) throw new RedisUnreachableError('gone')
      await write(...args)
    }
    append(0, 10)
    await start((alerts) =>
      Promise.resolve(
        alerts.map((one) => (numberOf(one) === 4 ? { kind: 'refused', reason: 'no', answer: '' } : (take([one])[0] ?? DELIVERED))),
      ),
    )
    await settled(10)
    assert.deepEqual([taken.length, log.topic('deadletter').nextOffset, failures], [9, 1, 2])
  })

  it('sends nothing twice that waited for its receiver while the store was emptied', async () => {
    let isAway = true
    append(0, 80)
    const busy = { kind: 'retry', reason: 'busy', afterMs: 2_500 } as const
    await start((alerts) => Promise.resolve(isAway ? alerts.map(() => busy) : take(alerts)))
    // What was sent comes again after that time; four jobs wait at the breaker for it.
    await waitFor('them', async () => {
      const { active, delayed } = await queue.counts()
      return delayed > 0 && active === 4
    })
    store.clear()
    isAway = false
    await settled(80)
    await waitFor('the end of all jobs', async () => {
      const { waiting, active, delayed } = await queue.counts()
      return waiting + active + delayed === 0
    })
    assert.equal(new Set(taken).size, 80)
    assert.equal(taken.length, 80)
  })

  it('sends alerts once whose jobs were added with an answer that was lost', async () => {
    const add = queue.add.bind(queue)
    let calls = 0
    queue.add = async (jobs) => {
      // Whatever is tried then fails as well, and the jobs are taken later.
      if (calls++ > 0) return await add(jobs)
      store.release = () => Promise.reject(new RedisUnreachableError('gone'))
      await add(jobs.map((job) => ({ ...job, delayMs: 500 })))
      throw new RedisUnreachableError('gone')
    }
    append(0, 10)
    await start(async (alerts) => {
      // Until the first job is taken.
      await waitFor('the other job', async () => (await queue.counts()).delayed === 0)
      return take(alerts)
    })
    await settled(10)
    await waitFor('the end of both', async () => (await queue.counts()).active === 0)
    assert.equal(taken.length, 10)
  })

  it('continues after a restart with what is not settled, and sends nothing settled again', async () => {
    append(0, 100)
    let isHeld = true
    // The first batch stays open: all others are settled above it.
    const hold: Send = async (alerts, signal) => {
      if (isHeld && alerts.some((one) => numberOf(one) === 0)) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
      }
      return take(alerts)
    }
    await start(hold, { timeoutMs: 60_000 })
    await waitFor('the others', () => taken.length === 90)
    await part?.stop('restart')
    // The queue and the store of this process are gone, as an emptied Redis is.
    ;[queue, store, isHeld] = [new MemoryQueue(), new MemorySettlement(), false]
    await start(hold)
    await settled(100)
    assert.equal(taken.length, 100)
    assert.equal(new Set(taken).size, 100)
  })
})
