// Records between a collector and a log with outages: each arrives once and in order, or is counted; what was reported as safe survives a kill.
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { SpoolOutcome } from '../../../../collector/ledger/account.js'
import type { AccountCount, SpoolListener } from '../../../../collector/spool/spool-listener.js'
import { SpooledAppender, type SpooledAppenderOptions } from '../../../../collector/spool/spooled-appender.js'
import { Spool } from '../../../../collector/spool/spool.js'
import { LogFullError } from '../../../../infra/topic-log/topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'
import { HeldBodyLog } from '../../../support/fakes/held-body-log.js'
import { SPOOL_KEY, withSpoolFolder } from '../../../support/spool/spool-folder.js'
import { waitFor } from '../../../support/wait-for.js'

const TOPICS = ['process', 'file'] as const
/** Every tick finds an outage where anything is unacknowledged. */
const AT_ONCE: SpooledAppenderOptions = { outageMs: -1 }

/** Books of a test: what of each topic is in memory, in the spool, and what became of it. */
class Books implements SpoolListener {
  readonly memory: Record<string, number> = {}
  readonly spooled: Record<string, number> = {}
  readonly published: Record<string, number> = {}
  readonly dropped: Record<string, number> = {}
  readonly safeMark: Record<string, number> = {}

  accountsOf(_topic: TopicKey, records: number): readonly AccountCount[] {
    return [{ kind: 'any', cpu: 0, count: records }]
  }
  onSpooled(topic: TopicKey, records: number): void {
    add(this.memory, topic, -records)
    add(this.spooled, topic, records)
  }
  onUnspooled(topic: TopicKey, accounts: readonly AccountCount[], outcome: SpoolOutcome): void {
    const records = accounts.reduce((sum, { count }) => sum + count, 0)
    add(this.spooled, topic, -records)
    add(outcome === 'published' ? this.published : this.dropped, topic, records)
  }
  onAck(topic: TopicKey, records: number): void {
    add(this.memory, topic, -records)
    add(this.published, topic, records)
  }
  onLoss(topic: TopicKey, records: number): void {
    add(this.memory, topic, -records)
    add(this.dropped, topic, records)
  }
  onMark(topic: TopicKey, mark: number): void {
    assert(mark >= (this.safeMark[topic] ?? 0), 'marks grow')
    this.safeMark[topic] = mark
  }

  /** Sum over the states of a topic. */
  total(topic: TopicKey): number {
    for (const of of [this.memory, this.spooled, this.published, this.dropped]) assert((of[topic] ?? 0) >= 0)
    return [this.memory, this.spooled, this.published, this.dropped].reduce((sum, of) => sum + (of[topic] ?? 0), 0)
  }
}

function add(of: Record<string, number>, topic: string, records: number): void {
  of[topic] = (of[topic] ?? 0) + records
}

interface Scene {
  readonly log: HeldBodyLog
  readonly books: Books
  readonly spool: Spool
  readonly appender: SpooledAppender
}

async function openScene(folder: string, isAway = false, options = AT_ONCE, maxBytes = 1 << 20): Promise<Scene> {
  const log = new HeldBodyLog(isAway)
  const books = new Books()
  const spool = await Spool.open({ folder, maxBytes, sync: 'none' }, SILENT_LOGGER)
  for (const { topic, accounts } of spool.inherited())
    add(
      books.spooled,
      topic,
      accounts.reduce((sum, { count }) => sum + count, 0),
    )
  // Not connected in this turn of the loop: a log that is away is away from the beginning.
  const opening = SpooledAppender.open(
    { topicLog: log, spool, listener: books, key: SPOOL_KEY },
    isAway ? { ...options, outageMs: 0 } : options,
  )
  return { log, books, spool, appender: await opening }
}

function append({ appender, books }: Scene, topic: TopicKey, number: number, size = 10): boolean {
  const value = Buffer.from(`${String(number)} ${'x'.repeat(size)}`)
  add(books.memory, topic, 1)
  return appender.append({ topic, key: SPOOL_KEY, value, valueStart: 0, valueEnd: value.length, timestampMs: 1_000, mark: number })
}

function arrivedOf({ log }: Scene, topic: TopicKey): number[] {
  return log.arrived.filter((record) => record.topic === topic).map(({ value }) => Number(value.split(' ')[0]))
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** Lets the log acknowledge until nothing is left anywhere. */
function settleAll({ log, appender, books }: Scene): void {
  for (let turn = 0; turn < 1000; turn++) {
    appender.tick()
    log.ackAll()
    if (TOPICS.every((topic) => (books.memory[topic] ?? 0) === 0 && (books.spooled[topic] ?? 0) === 0)) return
  }
  assert.fail(`not settled: ${JSON.stringify(books)}`)
}

describe('spooled appender', () => {
  it('writes nothing to the disk while the log acknowledges', async () => {
    await withSpoolFolder(async (folder) => {
      const scene = await openScene(folder, false, { outageMs: 60_000 })
      for (const number of numbers(1, 10)) append(scene, 'file', number)
      scene.appender.tick()
      scene.log.ackAll()
      assert.deepEqual([scene.spool.counters.blocks, scene.books.published['file'], scene.books.safeMark['file']], [0, 10, 10])
      await scene.appender.close(0)
    })
  })

  it('spools unacknowledged and new records in an outage, and sends all in order after it', async () => {
    await withSpoolFolder(async (folder) => {
      const scene = await openScene(folder)
      for (const number of numbers(1, 5)) append(scene, 'file', number)
      scene.appender.tick()
      assert.deepEqual([scene.books.spooled['file'], scene.books.safeMark['file']], [5, 5], 'the ring may be freed')
      for (const number of numbers(6, 9)) append(scene, 'file', number)
      assert.equal(scene.books.safeMark['file'], 5)
      scene.appender.tick()
      assert.deepEqual([scene.books.spooled['file'], scene.books.safeMark['file']], [9, 9])
      scene.log.ackAll()
      append(scene, 'file', 10)
      settleAll(scene)
      assert.deepEqual(arrivedOf(scene, 'file'), numbers(1, 10))
      assert.equal(scene.spool.counters.segments, 0)
      await scene.appender.close(0)
    })
  })

  it('continues with the other topics while one is refused', async () => {
    await withSpoolFolder(async (folder) => {
      const scene = await openScene(folder, false, { outageMs: 60_000 })
      scene.log.room = 60
      assert.equal(append(scene, 'file', 1, 100), true, 'the spool takes it')
      scene.log.ackAll()
      append(scene, 'process', 1)
      scene.log.ackAll()
      assert.deepEqual(arrivedOf(scene, 'process'), [1])
      settleAll(scene)
      await scene.appender.close(0)
    })
  })

  it('accepts records while the log is unreachable, and sends those of an earlier run first', async () => {
    await withSpoolFolder(async (folder) => {
      const first = await openScene(folder, true)
      for (const number of numbers(1, 4)) append(first, 'process', number)
      await first.appender.flush()
      assert.equal(first.books.spooled['process'], 4)
      await first.appender.close(0)
      const second = await openScene(folder, true)
      assert.equal(second.books.spooled['process'], 4)
      for (const number of numbers(5, 8)) append(second, 'process', number)
      second.log.connect()
      await waitFor('the log', () => {
        second.log.ackAll()
        return arrivedOf(second, 'process').length === 8
      })
      assert.deepEqual(arrivedOf(second, 'process'), numbers(1, 8))
      await second.appender.close(0)
    })
  })

  it('fails with the reason why the log can not be written, also when it fails late', async () => {
    await withSpoolFolder(async (folder) => {
      const spool = await Spool.open({ folder, maxBytes: 1 << 20, sync: 'none' }, SILENT_LOGGER)
      let refuse: (error: Error) => void = () => undefined
      const log = { appender: () => new Promise<never>((_, reject) => (refuse = reject)) }
      const appender = await SpooledAppender.open({ topicLog: log, spool, listener: new Books(), key: SPOOL_KEY }, { outageMs: 0 })
      refuse(new Error('no such topic'))
      await assert.rejects(
        appender.flush().then(() => waitFor('never', () => appender.drained().then(() => false))),
        /no such topic/,
      )
      await appender.close(0)
    })
  })

  it('counts a record that the log refuses for good, also one that came from the spool', async () => {
    await withSpoolFolder(async (folder) => {
      const scene = await openScene(folder)
      append(scene, 'file', 1)
      append(scene, 'file', 2)
      scene.appender.tick()
      scene.log.lose()
      settleAll(scene)
      assert.deepEqual([scene.books.dropped['file'], scene.books.published['file']], [1, 1])
      await scene.appender.close(0)
    })
  })

  it('leaves records in flight at its end to the next run', async () => {
    await withSpoolFolder(async (folder) => {
      const scene = await openScene(folder, false, { outageMs: 60_000 })
      for (const number of numbers(1, 3)) append(scene, 'file', number)
      await scene.appender.close(50)
      assert.deepEqual([scene.books.spooled['file'], scene.books.dropped['file'] ?? 0], [3, 0])
      const next = await openScene(folder)
      settleAll(next)
      assert.deepEqual(arrivedOf(next, 'file'), numbers(1, 3))
      await next.appender.close(0)
    })
  })

  it('holds records in memory up to its bound when the disk refuses, then reports that, and loses none', async function () {
    if (process.getuid?.() === 0) this.timeout(20_000)
    await withSpoolFolder(async (folder) => {
      const inner = join(folder, 'spool')
      const scene = await openScene(inner, true, { outageMs: 0, memoryBytes: 1000 })
      // A folder that is gone refuses new segments, for root too.
      rmSync(inner, { recursive: true })
      let number = 0
      while (append(scene, 'file', ++number, 100)) scene.appender.tick()
      assert.throws(() => {
        for (;;) {
          append(scene, 'file', ++number, 100)
          scene.appender.tick()
        }
      }, LogFullError)
      // The one that was refused.
      add(scene.books.memory, 'file', -1)
      number--
      assert.equal(scene.books.memory['file'], number)
      assert(scene.spool.counters.writeFailures > 0)
      assert.equal(scene.books.safeMark['file'] ?? 0, 0, 'the ring is held')
      scene.log.connect()
      const drained = scene.appender.drained()
      await waitFor('all', () => {
        scene.log.ackAll()
        return arrivedOf(scene, 'file').length === number
      })
      await drained
      assert.deepEqual(arrivedOf(scene, 'file'), numbers(1, number))
      await scene.appender.close(0)
    })
  })

  it('loses nothing, repeats nothing and keeps the order over any outages, losses of room and acknowledgements', async () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          do: fc.constant('append' as const),
          topic: fc.constantFrom(...TOPICS),
          n: fc.integer({ min: 1, max: 5000 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('ack' as const), topic: fc.constant('file' as const), n: fc.integer({ min: 1, max: 4 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('tick' as const), topic: fc.constant('file' as const), n: fc.constant(0) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('room' as const),
          topic: fc.constant('file' as const),
          n: fc.integer({ min: 1, max: 20_000 }),
        }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        await withSpoolFolder(async (folder) => {
          const scene = await openScene(folder, false, { ...AT_ONCE, windowBytes: 4000 })
          const given: Record<string, number> = {}
          for (const { do: what, topic, n } of steps) {
            if (what === 'append') {
              add(given, topic, 1)
              append(scene, topic, given[topic] ?? 0, n)
            } else if (what === 'ack') scene.log.ack(n)
            else if (what === 'tick') scene.appender.tick()
            else scene.log.room = n + 12_000
            for (const each of TOPICS) assert.equal(scene.books.total(each), given[each] ?? 0)
          }
          scene.log.room = Infinity
          scene.log.ackAll()
          await new Promise((resolve) => setImmediate(resolve))
          settleAll(scene)
          for (const topic of TOPICS) assert.deepEqual(arrivedOf(scene, topic), numbers(1, given[topic] ?? 0))
          await scene.appender.close(0)
        })
      }),
      { numRuns: 60 },
    )
  })

  it('has after a kill at any time all records reported as safe', async () => {
    const step = fc.record({ do: fc.constantFrom('append', 'append', 'append', 'ack', 'tick'), n: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        await withSpoolFolder(async (folder) => {
          const scene = await openScene(join(folder, 'a'))
          let given = 0
          for (const { do: what, n } of steps) {
            if (what === 'append') append(scene, 'process', ++given)
            else if (what === 'ack') scene.log.ack(n)
            else scene.appender.tick()
          }
          // What is in the files now is what a kill leaves.
          const safe = scene.books.safeMark['process'] ?? 0
          const arrived = arrivedOf(scene, 'process')
          cpSync(join(folder, 'a'), join(folder, 'b'), { recursive: true })
          await scene.appender.close(0)
          const next = await openScene(join(folder, 'b'))
          settleAll(next)
          const later = arrivedOf(next, 'process')
          assert.deepEqual(
            later,
            [...later].sort((a, b) => a - b),
          )
          const all = new Set([...arrived, ...later])
          for (const number of numbers(1, safe)) assert(all.has(number), `${String(number)} of ${String(safe)} is gone`)
          await next.appender.close(0)
        })
      }),
      { numRuns: 60 },
    )
  })
})
