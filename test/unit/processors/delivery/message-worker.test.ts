// A sink that takes messages, whole: reader, groups, queue and worker over logs and stores in memory.
import assert from 'node:assert/strict'
import { Type } from '../../../../infra/config/json-shape.js'
import type { Part } from '../../../../infra/process/lifecycle.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import { MemoryLog } from '../../../../infra/topic-log/memory-log/memory-log.js'
import type { RefusedAlert } from '../../../../processors/delivery/dead-letters.js'
import { MemoryGroupStore } from '../../../../processors/delivery/grouping/memory-group-store.js'
import { MemoryQueue } from '../../../../processors/delivery/queue/memory-queue.js'
import type { Verdict } from '../../../../processors/delivery/reader.js'
import type { SinkSettings } from '../../../../processors/delivery/settings/delivery-settings.js'
import { MemorySettlement } from '../../../../processors/delivery/settlement/memory-settlement.js'
import { defineMessageSink, type GroupMessage, type MessageOutcome } from '../../../../processors/delivery/sink.js'
import { startSink } from '../../../../processors/delivery/start-sink.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import { Membership, valueReader } from '../../../../processors/membership/membership.js'
import { Codec } from '../../../../schemas/codec.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { waitFor } from '../../../support/wait-for.js'

const CODEC = new Codec()
const DELIVERED = { kind: 'delivered' } as const

describe('a sink that takes messages', () => {
  let topicLog: MemoryLog
  let queue: MemoryQueue
  let settlement: MemorySettlement
  let groups: MemoryGroupStore
  let messages: GroupMessage[]
  let letters: RefusedAlert[]
  let answer: (message: GroupMessage) => MessageOutcome | Promise<MessageOutcome>
  let judge: (alert: Alert) => Verdict
  let sink: Part

  beforeEach(() => {
    topicLog = new MemoryLog()
    queue = new MemoryQueue()
    settlement = new MemorySettlement()
    groups = new MemoryGroupStore()
    messages = []
    letters = []
    answer = () => DELIVERED
    judge = () => 'send'
  })
  afterEach(async () => {
    await sink.stop('test')
    await topicLog.close()
  })

  async function start(grouping: SinkSettings['grouping'] = { summaries: [1] }): Promise<void> {
    const kind = defineMessageSink({
      kind: 'test',
      settings: Type.Object({}),
      takes: 'messages',
      messagesPerSecond: null,
      create: () =>
        Promise.resolve({
          notify: async (message) => {
            const outcome = await answer(message)
            if (outcome.kind === 'delivered') messages.push(message)
            return outcome
          },
          close: () => Promise.resolve(),
        }),
    })
    const bounds = {
      concurrency: 4,
      ratePerSecond: null,
      timeoutMs: 5_000,
      backoff: { firstMs: 10, maxMs: 50 },
      from: 'earliest',
      maxLag: null,
    } as const
    const settings: SinkSettings = { name: 'test', kind, ...bounds, batch: { alerts: undefined, bytes: undefined }, grouping, own: {} }
    const metrics = new Metrics()
    const membership = new Membership(new MemoryStore(), valueReader(CODEC), metrics, SILENT_LOGGER)
    sink = await startSink(settings, {
      ...{ topicLog, codec: CODEC, membership, log: SILENT_LOGGER, metrics, instance: 'test', judge: (alert) => judge(alert) },
      deadLetters: { write: (_name, refused) => Promise.resolve(void letters.push(...refused)) },
      backendOf: () => ({ queue, store: settlement, groupsOf: () => groups }),
    })
  }

  async function append(from: number, to: number, changes: (index: number) => Partial<Alert> = () => ({})): Promise<void> {
    const appender = await topicLog.appender(
      () => undefined,
      () => undefined,
    )
    for (let index = from; index < to; index++) {
      const value = CODEC.encode('alerts', testAlert({ alertId: index.toString(16).padStart(32, '0'), ...changes(index) }))
      appender.append({
        topic: 'alerts',
        key: Buffer.from('h'),
        value,
        valueStart: 0,
        valueEnd: value.length,
        timestampMs: 1,
        mark: index + 1,
      })
    }
    await appender.flush()
    await appender.close()
  }

  const counted = (): number => messages.reduce((sum, { count }) => sum + count, 0)
  const sentOf = (kind: GroupMessage['kind']): GroupMessage[] => messages.filter((message) => message.kind === kind)

  it('sends the first alert at once, then summaries whose counts add up, then the end of the group', async () => {
    await start()
    await append(0, 1)
    await waitFor('the first message', () => messages.length === 1)
    await append(1, 300)
    await append(290, 310)
    await waitFor('all alerts', () => counted() === 310)
    await waitFor('the end', () => sentOf('resolved').length === 1)
    assert.deepEqual([messages[0]?.kind, messages[0]?.count, messages[0]?.alert.alertId], ['first', 1, '0'.repeat(32)])
    assert.equal(messages.at(-1)?.total, 310)
    assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length)
    assert.equal(new Set(messages.map(({ groupId }) => groupId)).size, 1)
  })

  it('settles what a message stands for, and keeps nothing else', async () => {
    await start()
    await append(0, 50, (index) => ({ rule: `r${String(index % 3)}`, ruleId: `r${String(index % 3)}` }))
    await waitFor('all alerts', () => counted() === 50)
    await waitFor('the end', () => sentOf('resolved').length === 3)
    await sink.stop('test')
    messages = []
    queue = new MemoryQueue()
    await start()
    await append(50, 51)
    await waitFor('the next alert', () => messages.length === 1)
    assert.deepEqual([messages[0]?.kind, messages[0]?.count, messages[0]?.mayRepeat], ['first', 1, false])
  })

  it('sends the same message until the receiver takes it, and counts what comes meanwhile in the next one', async () => {
    const tried: GroupMessage[] = []
    answer = (message) => {
      tried.push(message)
      return tried.length < 4 ? { kind: 'retry', reason: 'busy' } : { kind: 'delivered', thread: 'thread-1' }
    }
    await start()
    await append(0, 2)
    await waitFor('attempts', () => tried.length > 1)
    await append(2, 5)
    await waitFor('all alerts', () => counted() === 5)
    assert.deepEqual(
      tried.slice(0, 4).map(({ id, count }) => [id, count]),
      Array(4).fill([tried[0]?.id, tried[0]?.count]),
    )
    assert.equal(messages[1]?.thread, 'thread-1')
  })

  it('writes a dead letter for a message that is refused, which can be sent again', async () => {
    answer = ({ kind }) => (kind === 'first' ? { kind: 'refused', reason: 'no such channel', answer: 'channel_not_found' } : DELIVERED)
    await start()
    await append(0, 3)
    await waitFor('the dead letter', () => letters.length === 1)
    assert.match(letters[0]?.reason ?? '', /no such channel \(a message about \d alerts?, partition: offsets 0: 0-/)
    await waitFor('the dead job', async () => (await queue.counts()).dead === 1)
    const [dead] = await queue.dead(1)
    assert.equal(dead?.alerts.length, 1)
    answer = () => DELIVERED
    assert.equal(await queue.redrive(dead?.id ?? ''), true)
    await waitFor('all alerts', () => counted() === 3)
    assert.equal(messages.find(({ kind }) => kind === 'first')?.mayRepeat, true)
  })

  it('sends no message for what is silenced or routed elsewhere', async () => {
    judge = ({ alertId }) => (alertId.endsWith('1') ? 'silenced' : alertId.endsWith('2') ? 'elsewhere' : 'send')
    await start()
    await append(0, 16)
    await waitFor('the others', () => counted() === 14)
    await waitFor('the end', () => sentOf('resolved').length === 1)
    assert.equal(counted(), 14)
  })

  it('says that a message may repeat after what is known was emptied, and loses nothing', async () => {
    const now = (): Partial<Alert> => ({ origin: { ...testAlert().origin, wallTimeUs: Date.now() * 1000 } })
    await start({ summaries: [60] })
    await append(0, 10, now)
    await waitFor('the first message', () => messages.length === 1)
    await append(10, 20, now)
    await waitFor('the groups', async () => (await groups.open()).length === 1)
    settlement.clear()
    groups = new MemoryGroupStore()
    await sink.stop('test')
    queue = new MemoryQueue()
    await start({ summaries: [60] })
    await waitFor('what was not sent', () => counted() >= 20)
    const [, second] = messages
    assert.equal(second?.mayRepeat, true)
    assert.equal(counted(), 20)
  })
})
