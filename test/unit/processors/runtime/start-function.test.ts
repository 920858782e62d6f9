import assert from 'node:assert/strict'
import { EunomiaError } from '../../../../infra/process/errors.js'
import type { Part } from '../../../../infra/process/lifecycle.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { MemoryLog } from '../../../../infra/topic-log/memory-log/memory-log.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import type { AssignedPartition, ConsumeOptions, TopicAppender, TopicConsumer } from '../../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'
import {
  defineFunction,
  type DeferredContext,
  type DeferredFunction,
  type EventBatch,
  type FunctionContext,
} from '../../../../processors/function.js'
import { valueReader, Membership } from '../../../../processors/membership/membership.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import type { FunctionDependencies } from '../../../../processors/runtime/function-runner.js'
import { startFunction } from '../../../../processors/runtime/start-function.js'
import { Codec } from '../../../../schemas/codec.js'
import { sampleProcessEvent } from '../../../support/records/sample-records.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { waitFor } from '../../../support/wait-for.js'

class PassingError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
  static override readonly isRetryable = true
}

const CODEC = new Codec()
const decodeProcess = CODEC.projection('process', ['process.pid'])

/** A function that emits one alert, named after the pid, for each process event. */
function echo(
  perPid: (pid: number, context: FunctionContext) => Promise<void> | void = () => undefined,
): ReturnType<typeof defineFunction> {
  return defineFunction({
    name: 'echo',
    inputs: ['process'],
    outputs: ['alerts'],
    async handle(batch: EventBatch, context: FunctionContext) {
      while (batch.next()) {
        const { pid } = batch.value(decodeProcess).process
        await perPid(pid, context)
        context.emit('alerts', 'host', testAlert({ rule: String(pid) }))
      }
    },
  })
}

describe('function over the memory log', () => {
  let log: MemoryLog
  let deps: FunctionDependencies
  let appender: TopicAppender
  let reader: TopicConsumer
  let part: Part | undefined
  let mark = 0
  const alerts: string[] = []
  const letters: { offset: number; message: string; value: Uint8Array | null }[] = []

  const append = (topic: TopicKey, value: Uint8Array): boolean =>
    appender.append({ topic, key: Buffer.from('host'), value, valueStart: 0, valueEnd: value.length, timestampMs: 1_000, mark: ++mark })
  const appendPid = (pid: number): boolean => {
    const event = sampleProcessEvent()
    return append('process', CODEC.encode('process', { ...event, process: { ...event.process, pid } }))
  }

  beforeEach(async () => {
    alerts.length = 0
    letters.length = 0
    log = new MemoryLog({ retryMs: 1, maxRetryMs: 5 })
    const metrics = new Metrics()
    const membership = new Membership(new MemoryStore(), valueReader(CODEC), metrics, SILENT_LOGGER)
    deps = { topicLog: log, codec: CODEC, membership, metrics, log: SILENT_LOGGER }
    appender = await log.appender(
      () => undefined,
      () => undefined,
    )
    reader = await log.consume({
      group: 'test',
      topics: ['alerts', 'deadletter'],
      from: 'earliest',
      handler: (batch) => {
        while (batch.next()) {
          const { valueBytes, valueStart, valueEnd } = batch
          if (batch.topic === 'alerts') alerts.push(CODEC.decode('alerts', valueBytes, valueStart, valueEnd).rule)
          else {
            const { offset, errorMessage, value } = CODEC.decode('deadletter', valueBytes, valueStart, valueEnd)
            letters.push({ offset, message: errorMessage, value })
          }
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
  })
  afterEach(async () => {
    await part?.stop('test ends')
    await reader.stop('test ends')
    await log.close()
  })

  describe('over a log that notes its options', () => {
    const asked: ConsumeOptions[] = []
    beforeEach(async () => {
      asked.length = 0
      const watched = {
        appender: log.appender.bind(log),
        consume: async (options: ConsumeOptions) => {
          asked.push(options)
          return await log.consume(options)
        },
        close: log.close.bind(log),
      }
      part = await startFunction(echo(), { ...deps, topicLog: watched })
    })

    it('passes the topics of its outputs to the log: its own, and dead letters', () => {
      assert.deepEqual(
        asked.map(({ outputs }) => outputs),
        [['alerts', 'deadletter']],
      )
    })

    it('reports how far each partition is behind, and leaves an age that is not known', async () => {
      const [options] = asked
      options?.onLag?.('process', 2, 7, 1.5)
      options?.onLag?.('process', 3, 9, null)
      options?.onLag?.('process', 2, 8, null)
      const text = await deps.metrics.text()
      const labels = (partition: number): string => `{function="echo",topic="process",partition="${String(partition)}"}`
      for (const line of [
        `eunomia_function_lag_records${labels(2)} 8`,
        `eunomia_function_lag_seconds${labels(2)} 1.5`,
        `eunomia_function_lag_records${labels(3)} 9`,
      ])
        assert.ok(text.split('\n').includes(line), text)
      assert.ok(!text.includes(`eunomia_function_lag_seconds${labels(3)}`))
    })
  })

  it('emits the output of each record, in order', async () => {
    part = await startFunction(echo(), deps)
    for (let pid = 1; pid <= 1_000; pid++) appendPid(pid)
    await waitFor('1,000 alerts', () => alerts.length === 1_000)
    assert.deepEqual(
      alerts,
      Array.from({ length: 1_000 }, (_, index) => String(index + 1)),
    )
  })

  it('puts garbage, a tombstone-like empty value, an unknown schema and a truncated record into the dead letters, and handles the rest', async () => {
    part = await startFunction(echo(), deps)
    const good = CODEC.encode('process', sampleProcessEvent())
    const unknown = Buffer.from(good)
    unknown.writeInt32BE(424_242, 1)
    appendPid(1)
    append('process', Buffer.from('rubbish'))
    append('process', new Uint8Array(0))
    append('process', unknown)
    append('process', good.subarray(0, 40))
    appendPid(2)
    await waitFor('two alerts and four dead letters', () => alerts.length === 2 && letters.length === 4)
    assert.deepEqual(alerts, ['1', '2'])
    assert.deepEqual(
      letters.map(({ offset }) => offset),
      [1, 2, 3, 4],
    )
    assert.match(letters[2]?.message ?? '', /424242/)
    assert.deepEqual(Buffer.from(letters[0]?.value ?? []).toString(), 'rubbish')
  })

  it('stops during endless retries, commits nothing unfinished, and continues there after a restart', async () => {
    let tries = 0
    const stuck = echo((pid) => {
      if (pid !== 3) return
      tries++
      throw new PassingError('away')
    })
    part = await startFunction(stuck, deps, { backoff: { firstMs: 1, maxMs: 2 } })
    for (const pid of [1, 2, 3, 4]) appendPid(pid)
    await waitFor('some tries', () => tries > 3)
    await part.stop('test')
    await part.done
    assert.deepEqual(alerts, [])

    part = await startFunction(echo(), deps)
    await waitFor('all alerts', () => alerts.length === 4)
    assert.deepEqual(alerts, ['1', '2', '3', '4'])
  })

  it('finishes and commits the current batch when it is stopped', async () => {
    let release = (): void => undefined
    let began = (): void => undefined
    const inHand = new Promise<void>((resolve) => (began = resolve))
    const gate = new Promise<void>((resolve) => (release = resolve))
    part = await startFunction(
      echo(async () => {
        began()
        await gate
      }),
      deps,
    )
    for (const pid of [1, 2, 3]) appendPid(pid)
    await inHand
    const stopped = part.stop('test')
    assert.equal(part.stop('again'), stopped)
    release()
    await stopped
    await waitFor('what was in hand', () => alerts.length > 0)
    part = await startFunction(echo(), deps)
    await waitFor('the rest', () => alerts.length === 3)
    assert.deepEqual(alerts, ['1', '2', '3'])
  })

  it('runs a function with deferred commits: it confirms what it took, and dead letters need no confirmation', async () => {
    const partitions: AssignedPartition[] = []
    const taken: { offset: number; pid: number }[] = []
    const ends: boolean[] = []
    const errors: string[] = []
    let failures = 1
    const deliver = (): DeferredFunction =>
      defineFunction({
        name: 'deliver',
        inputs: ['process'],
        outputs: [],
        commit: 'deferred',
        maxUnconfirmed: 3,
        assigned: (partition: AssignedPartition) => {
          if (failures-- > 0) throw new TypeError('the store is away')
          partitions.push(partition)
        },
        ended: (_partition: AssignedPartition, isLost: boolean) => void ends.push(isLost),
        metadata: (partition: AssignedPartition) => {
          if (partition.unconfirmed === 0) throw new Error('nothing to tell')
          return `${String(partition.unconfirmed)} left`
        },
        handle(batch: EventBatch, context: DeferredContext) {
          assert.equal(context.partition, partitions.at(-1))
          while (batch.next()) {
            try {
              taken.push({ offset: batch.offset, pid: batch.value(decodeProcess).process.pid })
            } catch (error) {
              context.fail(error)
            }
          }
          return Promise.resolve()
        },
      })
    const error = (facts: object, message: string): void => void errors.push(`${message}: ${JSON.stringify(facts)}`)
    part = await startFunction(deliver(), { ...deps, log: { ...SILENT_LOGGER, error } })
    appendPid(1)
    append('process', Buffer.from('rubbish'))
    for (const pid of [2, 3, 4]) appendPid(pid)
    await waitFor('three records and the dead letter', () => taken.length === 3 && letters.length === 1)
    assert.deepEqual(
      taken.map(({ offset }) => offset),
      [0, 2, 3],
    )
    const starts = errors.filter((text) => /start of a partition, it is tried again: .*"deliver".*the store is away/.test(text))
    assert.equal(starts.length, 1, errors.join())
    await waitFor('the pause', async () =>
      (await deps.metrics.text()).includes('eunomia_function_pauses_total{function="deliver",topic="process"} 1'),
    )
    partitions[0]?.confirm(0)
    await waitFor('the last', () => taken.length === 4)
    partitions[0]?.confirm(3)
    await part.stop('test')
    assert.deepEqual(ends, [false])

    part = await startFunction(deliver(), deps)
    await waitFor('what was not confirmed, and what follows', () => taken.length === 7)
    assert.deepEqual([partitions[1]?.nextOffset, partitions[1]?.metadata], [2, '2 left'])
    assert.deepEqual(
      taken.slice(4).map(({ pid }) => pid),
      [2, 3, 4],
    )
    partitions[1]?.confirm(2, 5)
  })
})
