// The memory log: the contract of topic logs, and its own behavior: bounds by the slowest group, dropped records, bounded batches.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type BatchHandler, type BatchResult, LogFullError, type RecordBatch } from '../../../../../infra/topic-log/topic-log.js'
import { MemoryLog } from '../../../../../infra/topic-log/memory-log/memory-log.js'
import { describeTopicLog } from '../../../../conformance/topic-log.js'
import { waitFor } from '../../../../support/wait-for.js'

const KEY = Buffer.from('host')
const ignore = (): void => undefined
const finish = (batch: RecordBatch): BatchResult => ({ nextOffset: batch.lastOffset + 1, outputs: [] })

describe('memory log', () => {
  describeTopicLog({
    open: async (topicBytes) => Promise.resolve(new MemoryLog({ topicBytes, retryMs: 1, maxRetryMs: 5 })),
  })

  describe('bounds', () => {
    it('makes an appender wait for the slowest group, counts refusals, and continues when that group has committed', async () => {
      const log = new MemoryLog({ topicBytes: 10_000, chunkBytes: 1_000 })
      let release: () => void = ignore
      const gate = new Promise<void>((resolve) => (release = resolve))
      await log.consume({ group: 'fast', topics: ['file'], from: 'earliest', handler: async (batch) => Promise.resolve(finish(batch)) })
      await log.consume({
        group: 'slow',
        topics: ['file'],
        from: 'earliest',
        handler: async (batch) => {
          await gate
          return finish(batch)
        },
      })
      const appender = await log.appender(ignore, ignore)
      const value = Buffer.alloc(100)
      // A record needs its key and value plus 16 bytes: 120. 84 of them reach 10,000 bytes, and the 167th would exceed 20,000.
      const answers = Array.from({ length: 84 }, (_, index) =>
        appender.append({ topic: 'file', key: KEY, value, valueStart: 0, valueEnd: 100, timestampMs: 0, mark: index + 1 }),
      )
      assert.deepEqual(answers, [...Array.from({ length: 83 }, () => true), false])
      for (let mark = 85; mark <= 166; mark++)
        appender.append({ topic: 'file', key: KEY, value, valueStart: 0, valueEnd: 100, timestampMs: 0, mark })
      assert.throws(
        () => appender.append({ topic: 'file', key: KEY, value, valueStart: 0, valueEnd: 100, timestampMs: 0, mark: 167 }),
        LogFullError,
      )
      assert.equal(log.stats.refused, 1)
      let isDrained = false
      const drained = appender.drained().then(() => (isDrained = true))
      await appender.flush()
      assert.equal(isDrained, false)
      assert.equal(log.stats.bytes, 166 * 120)
      release()
      await drained
      await waitFor('all to be passed', () => log.stats.bytes === 0)
      await appender.close()
      await log.close()
    })

    it('retains the newest records of a topic that nobody reads, and counts the dropped ones', async () => {
      const log = new MemoryLog({ topicBytes: 10_000, chunkBytes: 1_200 })
      const appender = await log.appender(ignore, ignore)
      const value = Buffer.alloc(100)
      for (let mark = 1; mark <= 1_000; mark++) {
        value.writeInt32BE(mark)
        assert.equal(appender.append({ topic: 'host', key: KEY, value, valueStart: 0, valueEnd: 100, timestampMs: 0, mark }), true)
      }
      assert.ok(log.stats.bytes <= 10_000)
      const seen: number[] = []
      await log.consume({
        group: 'late',
        topics: ['host'],
        from: 'earliest',
        handler: async (batch) => {
          while (batch.next()) seen.push(Buffer.from(batch.valueBytes).readInt32BE(batch.valueStart))
          return Promise.resolve(finish(batch))
        },
      })
      await waitFor('the last record', () => seen.at(-1) === 1_000)
      assert.equal(seen.length + log.stats.expired, 1_000)
      assert.deepEqual(
        seen,
        Array.from({ length: seen.length }, (_, index) => 1_000 - seen.length + 1 + index),
      )
      await log.close()
    })

    it('retries a batch whose outputs have no room, and appends none of them before', async () => {
      const log = new MemoryLog({ topicBytes: 1_000, chunkBytes: 500, retryMs: 1, maxRetryMs: 2 })
      const errors: unknown[] = []
      let release: () => void = ignore
      const gate = new Promise<void>((resolve) => (release = resolve))
      let alerts = 0
      await log.consume({
        group: 'sink',
        topics: ['alerts'],
        from: 'earliest',
        handler: async (batch) => {
          await gate
          alerts += batch.length
          return finish(batch)
        },
      })
      const value = Buffer.alloc(880)
      const output = { topic: 'alerts' as const, key: KEY, value, timestampMs: 0 }
      const handler: BatchHandler = async (batch) => Promise.resolve({ nextOffset: batch.firstOffset + 1, outputs: [output] })
      const onRetry = (error: unknown): void => void errors.push(error)
      await log.consume({ group: 'detect', topics: ['file'], from: 'earliest', handler, onRetry })
      const appender = await log.appender(ignore, ignore)
      for (let mark = 1; mark <= 4; mark++)
        appender.append({ topic: 'file', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark })
      await waitFor('a refusal', () => errors.length > 0)
      assert.ok(errors[0] instanceof LogFullError)
      release()
      await waitFor('four alerts', () => alerts === 4)
      await log.close()
    })
  })

  it('always has room for what a group appends to the topic that it reads, even if the topic is full', async () => {
    const log = new MemoryLog({ topicBytes: 1_000, chunkBytes: 500, retryMs: 1, maxRetryMs: 2 })
    const appender = await log.appender(ignore, ignore)
    const value = Buffer.alloc(100)
    let isPaused = true
    let requeued = 0
    const errors: unknown[] = []
    const handler: BatchHandler = async (batch) => {
      if (isPaused) return Promise.resolve({ nextOffset: batch.firstOffset, outputs: [] })
      requeued += batch.length
      const again = { topic: 'pending' as const, key: KEY, value, timestampMs: 0 }
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: Array.from({ length: batch.length }, () => again) })
    }
    await log.consume({ group: 'detect', topics: ['pending'], from: 'earliest', handler, onRetry: (error) => void errors.push(error) })
    assert.throws(() => {
      for (;;) appender.append({ topic: 'pending', key: KEY, value, valueStart: 0, valueEnd: value.length, timestampMs: 0, mark: 1 })
    }, LogFullError)
    const full = log.stats.bytes
    isPaused = false
    await waitFor('each put back ten times', () => requeued > 10 * 18)
    assert.deepEqual(errors, [])
    assert.equal(log.stats.bytes, full, 'no more and no less than before')
    await log.close()
  })

  it('ends the waits for room when the appender is closed', async () => {
    const log = new MemoryLog({ topicBytes: 1_000, chunkBytes: 500 })
    await log.consume({
      group: 'slow',
      topics: ['file'],
      from: 'earliest',
      handler: async (batch) => Promise.resolve({ nextOffset: batch.firstOffset, outputs: [], restMs: 60_000 }),
    })
    const appender = await log.appender(ignore, ignore)
    while (appender.append({ topic: 'file', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark: 1 }));
    const drained = appender.drained()
    await appender.close()
    await drained
    await log.close()
  })

  it('lets a second member of a group wait for the first to leave', async () => {
    const log = new MemoryLog()
    const seen: string[] = []
    const handlerOf =
      (name: string): BatchHandler =>
      async (batch) => {
        seen.push(name)
        return Promise.resolve(finish(batch))
      }
    const first = await log.consume({ group: 'g', topics: ['file'], from: 'earliest', handler: handlerOf('first') })
    const second = await log.consume({ group: 'g', topics: ['file'], from: 'earliest', handler: handlerOf('second') })
    const appender = await log.appender(ignore, ignore)
    appender.append({ topic: 'file', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark: 1 })
    await waitFor('the first', () => seen.length === 1)
    await first.stop('it leaves')
    appender.append({ topic: 'file', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark: 2 })
    await waitFor('the second', () => seen.length === 2)
    assert.deepEqual(seen, ['first', 'second'])
    await second.stop('the test ends')
    await log.close()
  })

  it('refuses a next offset outside the batch as a failure of the handler', async () => {
    const log = new MemoryLog({ retryMs: 1 })
    const errors: unknown[] = []
    await log.consume({
      group: 'g',
      topics: ['file'],
      from: 'earliest',
      handler: async (batch) => Promise.resolve({ nextOffset: batch.lastOffset + (errors.length === 0 ? 2 : 1), outputs: [] }),
      onRetry: (error) => errors.push(error),
    })
    const appender = await log.appender(ignore, ignore)
    appender.append({ topic: 'file', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark: 1 })
    await waitFor('the record to be passed', () => errors.length > 0 && log.stats.bytes === 0)
    assert.ok(errors[0] instanceof RangeError)
    await log.close()
  })

  it('ends a handler by its signal when the log closes', async () => {
    const log = new MemoryLog()
    let isHandling = false
    const handler: BatchHandler = async (_batch, signal) =>
      new Promise((_, reject) => {
        isHandling = true
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    await log.consume({ group: 'g', topics: ['file'], from: 'earliest', handler })
    const appender = await log.appender(ignore, ignore)
    appender.append({ topic: 'file', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark: 1 })
    await waitFor('the handler', () => isHandling)
    await log.close()
  })

  it('passes any records to each group once and in order, in batches within their bound, whatever the sizes', async () => {
    const record = fc.record(
      { key: fc.uint8Array({ maxLength: 40 }), value: fc.uint8Array({ maxLength: 600 }), timestampMs: fc.nat() },
      { noNullPrototype: true },
    )
    const runs = fc.array(fc.array(record, { maxLength: 12 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        runs,
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 64, max: 4_096 }),
        async (turns, maxBatchBytes, chunkBytes) => {
          const log = new MemoryLog({ chunkBytes })
          const seen: unknown[] = []
          const sizes: number[] = []
          const handler: BatchHandler = async (batch) => {
            let bytes = 0
            while (batch.next()) {
              const key = new Uint8Array(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd))
              const value = new Uint8Array(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd))
              bytes += key.length + value.length + 16
              seen.push({ key, value, timestampMs: batch.timestampMs })
            }
            if (batch.length > 1) sizes.push(bytes)
            return Promise.resolve(finish(batch))
          }
          await log.consume({ group: 'g', topics: ['file'], from: 'earliest', maxBatchBytes, handler })
          const appender = await log.appender(ignore, ignore)
          for (const turn of turns) {
            for (const { key, value, timestampMs } of turn)
              appender.append({ topic: 'file', key, value, valueStart: 0, valueEnd: value.length, timestampMs, mark: seen.length })
            await appender.flush()
          }
          await waitFor('all', () => seen.length === turns.flat().length, { everyMs: 1 })
          assert.deepEqual(seen, turns.flat())
          assert.ok(sizes.every((size) => size <= maxBatchBytes))
          await log.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})
