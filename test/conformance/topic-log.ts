// What every TopicLog must do; run for the memory log (unit tier) and Kafka (integration tier).
// Of partitions, it requires only that records of one key keep their order.
import assert from 'node:assert/strict'
import { LogFullError, type TopicLog } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { describeDeferredCommits } from './deferred-commits.js'
import { KEY, keeping, LogBench, numbers, type OpenBench, put, recordsOf, type Seen, values, WALL_MS } from './log-bench.js'

/** Creates logs for the tests. */
export interface LogSource {
  /** An empty log. @param bufferBytes the bound at which `append` returns false */
  open(bufferBytes: number): Promise<TopicLog>
}

/** More than closing takes, milliseconds. */
const CLOSE_MS = 15_000
const BIG = 64 * 1024 * 1024

/** The tests. */
export function describeTopicLog(source: LogSource): void {
  describe('as a topic log', () => describeLog(source))
}

function describeLog(source: LogSource): void {
  let bench: LogBench
  const open = async (bufferBytes = BIG): Promise<LogBench> => (bench = new LogBench(await source.open(bufferBytes)))
  afterEach(async () => bench.close())
  describeAppends(source, open)
  describeBatches(open)
  describeGroups(open)
  describeDeferredCommits(open)
}

function describeAppends(source: LogSource, open: OpenBench): void {
  describe('append', () => {
    it('returns key, value and time of each record, in the order of the appends', async () => {
      const bench = await open()
      const texts = ['first', '', 'x'.repeat(100_000), '\u0000\u00ff\n', 'last']
      const appender = await bench.appender()
      put(appender, texts)
      await appender.flush()
      const seen: Seen[] = []
      await bench.consume(keeping(seen))
      await bench.until('five records', () => seen.length === 5)
      assert.deepEqual(values(seen), texts)
      assert.deepEqual(new Set(seen.map((record) => record.key)), new Set(['host-1']))
      assert.deepEqual(
        seen.map((record) => record.timestampMs),
        [0, 1, 2, 3, 4].map((index) => WALL_MS + index),
      )
      const first = seen[0]?.offset ?? -1
      assert.deepEqual(
        seen.map((record) => record.offset),
        [0, 1, 2, 3, 4].map((index) => first + index),
      )
    })

    it('copies only the span, before it returns', async () => {
      const bench = await open()
      const appender = await bench.appender()
      const buffer = Buffer.from('..kept..')
      appender.append({ topic: 'process', key: KEY, value: buffer, valueStart: 2, valueEnd: 6, timestampMs: WALL_MS, mark: 1 })
      buffer.fill('#')
      const seen: Seen[] = []
      await bench.consume(keeping(seen))
      await appender.flush()
      await bench.until('the record', () => seen.length === 1)
      assert.deepEqual(values(seen), ['kept'])
    })

    it('acknowledges each topic in the order of its marks, and never during the append', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(50), 'process', 1)
      put(appender, numbers(30), 'file', 100)
      assert.equal(bench.acks.length, 0)
      await appender.flush()
      for (const [topic, last, count] of [['process', 50, 50] as const, ['file', 129, 30] as const]) {
        const acks = bench.acks.filter((ack) => ack.topic === topic)
        const marks = acks.map((ack) => ack.mark)
        assert.deepEqual(
          marks,
          [...marks].sort((a, b) => a - b),
        )
        assert.equal(marks.at(-1), last)
        assert.equal(
          acks.reduce((sum, ack) => sum + ack.records, 0),
          count,
        )
      }
      assert.deepEqual(bench.losses, [])
      assert.equal(appender.bufferedBytes, 0)
    })

    it('returns false at the bound, and has room again after drained', async () => {
      const bench = await open(64 * 1024)
      const seen: Seen[] = []
      await bench.consume(keeping(seen))
      const appender = await bench.appender()
      const value = Buffer.alloc(1_000, 'v')
      let taken = 0
      for (let isRoom = true; isRoom && taken < 1_000; taken++)
        isRoom = appender.append({
          topic: 'process',
          key: KEY,
          value,
          valueStart: 0,
          valueEnd: 1_000,
          timestampMs: WALL_MS,
          mark: taken + 1,
        })
      assert.ok(taken < 1_000, 'the bound is reached within 1 MB')
      await appender.drained()
      assert.equal(
        appender.append({ topic: 'process', key: KEY, value, valueStart: 0, valueEnd: 1_000, timestampMs: WALL_MS, mark: taken + 1 }),
        true,
      )
      await bench.until('every record', () => seen.length === taken + 1)
    })

    it('refuses records at twice the bound, and delivers those accepted before', async () => {
      const bench = await open(64 * 1024)
      const seen: Seen[] = []
      await bench.consume(keeping(seen))
      const appender = await bench.appender()
      const value = Buffer.alloc(1_000, 'v')
      let taken = 0
      assert.throws(() => {
        for (; taken < 1_000; taken++)
          appender.append({ topic: 'process', key: KEY, value, valueStart: 0, valueEnd: 1_000, timestampMs: WALL_MS, mark: taken + 1 })
      }, LogFullError)
      await appender.flush()
      await bench.until('every record taken', () => seen.length === taken)
      assert.equal(bench.acks.at(-1)?.mark, taken)
    })

    it('has acknowledged everything when close resolves', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(10))
      await appender.close(CLOSE_MS)
      assert.equal(bench.acks.at(-1)?.mark, 10)
      assert.throws(() =>
        appender.append({ topic: 'process', key: KEY, value: KEY, valueStart: 0, valueEnd: 1, timestampMs: WALL_MS, mark: 11 }),
      )
    })
  })
}

function describeBatches(open: OpenBench): void {
  describe('batch', () => {
    it('can be read several times, from the first record', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(20))
      await appender.flush()
      const walks: string[][] = []
      await bench.consume(async (batch) => {
        assert.equal(batch.index, -1)
        const once = values(recordsOf(batch))
        assert.equal(batch.next(), false)
        assert.equal(once.length, batch.length)
        assert.equal(batch.index, batch.length - 1)
        assert.deepEqual(values(recordsOf(batch)), once)
        walks.push(once)
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      })
      await bench.until('all records', () => walks.flat().length === 20)
      assert.deepEqual(walks.flat(), numbers(20))
    })

    it('carries its topic when a group reads several', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['p'], 'process')
      put(appender, ['f'], 'file')
      const seen: Seen[] = []
      await bench.consume(keeping(seen), { topics: ['process', 'file'] })
      await bench.until('both', () => seen.length === 2)
      assert.deepEqual(seen.map((record) => `${record.topic}=${record.value}`).sort(), ['file=f', 'process=p'])
    })
  })
}

function describeGroups(open: OpenBench): void {
  describe('group', () => {
    it('continues at the offset that the handler returned', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(10))
      await appender.flush()
      const firsts: string[] = []
      await bench.consume(async (batch) => {
        firsts.push(recordsOf(batch)[0]?.value ?? '')
        return Promise.resolve({ nextOffset: batch.firstOffset + 1, outputs: [] })
      })
      await bench.until('ten batches', () => firsts.length === 10)
      assert.deepEqual(firsts, numbers(10))
    })

    it('delivers a batch again when the handler rejects, and reports each attempt', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['only'])
      const attempts: string[] = []
      const retries: string[] = []
      await bench.consume(
        async (batch) => {
          attempts.push(...values(recordsOf(batch)))
          if (attempts.length < 3) throw new Error(`no ${String(attempts.length)}`)
          return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
        },
        { onRetry: (error, topic, _partition, attempt) => retries.push(`${topic} ${String(attempt)} ${(error as Error).message}`) },
      )
      await bench.until('three attempts', () => attempts.length === 3)
      assert.deepEqual(attempts, ['only', 'only', 'only'])
      assert.deepEqual(retries, ['process 1 no 1', 'process 2 no 2'])
    })

    it('delivers a batch again after a pause when the handler finished nothing of it, which is not a failure', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(5))
      await appender.flush()
      const calls: { readonly first: string; readonly atMs: number }[] = []
      const retries: unknown[] = []
      await bench.consume(
        async (batch) => {
          calls.push({ first: values(recordsOf(batch))[0] ?? '', atMs: performance.now() })
          return Promise.resolve({ nextOffset: calls.length < 3 ? batch.firstOffset : batch.lastOffset + 1, outputs: [] })
        },
        { onRetry: (error) => retries.push(error) },
      )
      await bench.until('three calls', () => calls.length >= 3)
      assert.deepEqual(
        calls.slice(0, 3).map(({ first }) => first),
        ['0', '0', '0'],
      )
      assert.ok(calls[2] !== undefined && calls[1] !== undefined && calls[2].atMs > calls[1].atMs + 1)
      assert.deepEqual(retries, [])
    })

    it('accepts no outputs of a handler that finished nothing, and no offset outside of the batch', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['only'])
      const retries: string[] = []
      const output = { topic: 'alerts' as const, key: KEY, value: Buffer.from('alert'), timestampMs: WALL_MS }
      let attempts = 0
      await bench.consume(
        async (batch) => {
          attempts++
          if (attempts === 1) return Promise.resolve({ nextOffset: batch.firstOffset, outputs: [output] })
          return Promise.resolve({ nextOffset: batch.lastOffset + (attempts === 2 ? 2 : 1), outputs: [output] })
        },
        // A topic that was made a moment ago may not take outputs yet, which is another reason.
        { onRetry: (error) => error instanceof RangeError && retries.push(error.name) },
      )
      const seen: Seen[] = []
      await bench.consume(keeping(seen), { group: 'sinks', topics: ['alerts'] })
      await bench.until('the alert', () => seen.length > 0)
      assert.deepEqual(retries, ['RangeError', 'RangeError'])
      assert.deepEqual(values(seen), ['alert'])
    })

    it('appends outputs once with the offset, although the handler sometimes fails', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(40))
      let calls = 0
      await bench.consume(async (batch) => {
        if (++calls % 2 === 1) throw new Error('every other time')
        const outputs = recordsOf(batch)
          .slice(0, 8)
          .map((record) => ({ topic: 'alerts' as const, key: KEY, value: Buffer.from(`alert ${record.value}`), timestampMs: WALL_MS }))
        return Promise.resolve({ nextOffset: batch.firstOffset + outputs.length, outputs })
      })
      const alerts: Seen[] = []
      await bench.consume(keeping(alerts), { group: 'sinks', topics: ['alerts'] })
      await bench.until('forty alerts', () => alerts.length >= 40)
      put(appender, ['end'], 'process', 41)
      await bench.until('the last alert', () => alerts.at(-1)?.value === 'alert end')
      assert.deepEqual(
        values(alerts),
        [...numbers(40), 'end'].map((value) => `alert ${value}`),
      )
    })

    it('accepts no output for a topic that the group did not name, and nothing else of that batch', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['only'])
      const retries: string[] = []
      let attempts = 0
      await bench.consume(
        async (batch) => {
          const of = (topic: TopicKey) => ({ topic, key: KEY, value: Buffer.from(topic), timestampMs: WALL_MS })
          const outputs = ++attempts === 1 ? [of('alerts'), of('pending')] : [of('alerts')]
          return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs })
        },
        { outputs: ['alerts'], onRetry: (error) => error instanceof TypeError && retries.push(error.message) },
      )
      const seen: Seen[] = []
      await bench.consume(keeping(seen), { group: 'sinks', topics: ['alerts', 'pending'] })
      await bench.until('the alert', () => seen.length > 0)
      assert.deepEqual(values(seen), ['alerts'])
      assert.deepEqual(retries, ['the group readers has no outputs for the topic pending'])
    })

    it('pauses a partition for the time that its handler requests, while the others continue', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['first'])
      put(appender, ['other'], 'file')
      const restMs = 1_000
      const seen: { value: string; atMs: number }[] = []
      await bench.consume(
        async (batch) => {
          for (const { value } of recordsOf(batch)) seen.push({ value, atMs: performance.now() })
          const isFirst = values(recordsOf(batch)).includes('first')
          return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [], ...(isFirst ? { restMs } : {}) })
        },
        { topics: ['process', 'file'] },
      )
      const at = (value: string): number | undefined => seen.find((record) => record.value === value)?.atMs
      const first = await bench.until('the first record', () => at('first'))
      put(appender, ['second'], 'process', 2)
      put(appender, ['other second'], 'file', 2)
      const otherSecond = await bench.until('the other partition', () => at('other second'))
      const second = await bench.until('the end of the rest', () => at('second'))
      // A timer never fires early, but its clock has a resolution of a millisecond.
      assert.ok(second - first >= restMs - 2, `rested ${String(second - first)} ms`)
      assert.ok(otherSecond < second)
    })

    it('continues where it stopped when it is started again', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(5))
      const before: Seen[] = []
      const consumer = await bench.consume(keeping(before))
      await bench.until('five', () => before.length === 5)
      await consumer.stop('for the test')
      put(appender, numbers(5, 5), 'process', 6)
      await appender.flush()
      const after: Seen[] = []
      await bench.consume(keeping(after))
      await bench.until('five more', () => after.length >= 5)
      assert.deepEqual(values(before), numbers(5))
      assert.deepEqual(values(after), numbers(5, 5))
    })

    it('finishes and commits the current batch when it is stopped', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['slow'])
      let release: () => void = () => undefined
      const gate = new Promise<void>((resolve) => (release = resolve))
      let isHandling = false
      const consumer = await bench.consume(async (batch) => {
        isHandling = true
        await gate
        return { nextOffset: batch.lastOffset + 1, outputs: [] }
      })
      await bench.until('the handler', () => isHandling)
      let isStopped = false
      const stopping = consumer.stop('for the test').then(() => (isStopped = true))
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(isStopped, false)
      release()
      await stopping
      await consumer.done
      put(appender, ['next'], 'process', 2)
      const seen: Seen[] = []
      await bench.consume(keeping(seen))
      await bench.until('the next record', () => seen.length > 0)
      assert.deepEqual(values(seen), ['next'])
    })

    it('does not move another group', async () => {
      const bench = await open()
      const appender = await bench.appender()
      const one: Seen[] = []
      const two: Seen[] = []
      await bench.consume(keeping(one), { group: 'one' })
      await bench.consume(keeping(two), { group: 'two' })
      put(appender, numbers(30))
      await bench.until('both', () => one.length === 30 && two.length === 30)
      assert.deepEqual(values(one), numbers(30))
      assert.deepEqual(values(two), numbers(30))
    })

    it('pauses one topic while others continue, and can be stopped meanwhile', async () => {
      const bench = await open()
      const appender = await bench.appender()
      const seen: Seen[] = []
      const consumer = await bench.consume(
        async (batch) => {
          seen.push(...recordsOf(batch))
          return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [], restMs: batch.topic === 'process' ? 3_600_000 : 0 })
        },
        { topics: ['process', 'file'] },
      )
      put(appender, ['p1'], 'process')
      await bench.until('the first', () => seen.length === 1)
      put(appender, ['p2'], 'process', 2)
      await appender.flush()
      put(appender, ['f1'], 'file')
      await bench.until('the other topic', () => seen.some((record) => record.topic === 'file'))
      assert.deepEqual(values(seen), ['p1', 'f1'])
      await consumer.stop('for the test')
    })

    it('that starts at the latest offset sees no earlier record', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, ['before'])
      await appender.flush()
      const seen: Seen[] = []
      await bench.consume(keeping(seen), { from: 'latest' })
      // When a group has its position is not visible from outside: append until it sees a record.
      let mark = 1
      await bench.until('a record', () => {
        if (seen.length === 0) put(appender, [`after ${String(mark)}`], 'process', ++mark)
        return seen.length > 0
      })
      assert.ok(!values(seen).includes('before'))
    })
  })
}
