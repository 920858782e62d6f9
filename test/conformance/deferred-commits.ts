// What every TopicLog must do for a group whose commits follow later than its handler. Part of topic-log.ts.
import assert from 'node:assert/strict'
import type { AssignedPartition, BatchHandler, ConsumeOptions, DeferredCommits, TopicConsumer } from '../../infra/topic-log/topic-log.js'
import { KEY, keeping, type LogBench, numbers, type OpenBench, put, recordsOf, type Seen, values, WALL_MS } from './log-bench.js'

/** A function with deferred commits, as a log sees it. */
class Owner implements DeferredCommits {
  readonly maxUnconfirmed: number
  readonly seen: Seen[] = []
  /** Whether the partitions that ended were lost. */
  readonly ends: boolean[] = []
  stored = ''
  pauses = 0
  /** That of the records: others stay empty. */
  partition: AssignedPartition | undefined
  readonly #assigned = new Set<AssignedPartition | undefined>()
  /** Called when it gets a partition. */
  whileAssigned: () => Promise<void> = () => Promise.resolve()
  /** Called when records are delivered. */
  whileHandling: (partition: AssignedPartition) => void = () => undefined
  /** Called when the partition ends. */
  lastWords: (partition: AssignedPartition) => void = () => undefined

  constructor(maxUnconfirmed = 1_000) {
    this.maxUnconfirmed = maxUnconfirmed
  }

  readonly handler: BatchHandler = (batch, _signal, assigned) => {
    assert.ok(this.#assigned.has(assigned))
    this.partition = assigned
    this.seen.push(...recordsOf(batch))
    if (assigned !== undefined) this.whileHandling(assigned)
    return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
  }
  async assigned(partition: AssignedPartition): Promise<void> {
    await this.whileAssigned()
    this.#assigned.add(partition)
  }
  ended(partition: AssignedPartition, isLost: boolean): void {
    this.#assigned.delete(partition)
    this.ends.push(isLost)
    this.lastWords(partition)
  }
  metadata(): string {
    return this.stored
  }
  onPaused(): void {
    this.pauses++
  }
}

/** The tests. */
export function describeDeferredCommits(open: OpenBench): void {
  describe('group with deferred commits', () => {
    const consume = (bench: LogBench, owner: Owner, more: Partial<ConsumeOptions> = {}): Promise<TopicConsumer> =>
      bench.consume(owner.handler, { deferred: owner, group: 'deferring', ...more })

    it('continues at the first record that was not confirmed, with the metadata of the last commit', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(10))
      const before = new Owner()
      const consumer = await consume(bench, before)
      await bench.until('ten records', () => before.seen.length === 10)
      const first = before.seen[0]?.offset ?? -1
      assert.equal(before.partition?.unconfirmed, 10)
      before.partition?.confirm(first + 5, first + 10)
      before.partition?.confirm(first, first + 3)
      before.partition?.confirm(first + 4)
      before.stored = 'settled: 4-9'
      await consumer.stop('for the test')
      assert.ok(before.ends.length > 0 && !before.ends.includes(true))
      const after = new Owner()
      await consume(bench, after)
      await bench.until('seven records again', () => after.seen.length === 7)
      assert.deepEqual([after.partition?.nextOffset, after.partition?.metadata], [first + 3, 'settled: 4-9'])
      assert.deepEqual(values(after.seen), numbers(7, 3))
    })

    it('delivers no more records than may be unconfirmed, and more as they are confirmed', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(10))
      await appender.flush()
      const owner = new Owner(4)
      await consume(bench, owner)
      await bench.until('the pause', () => owner.pauses > 0)
      assert.deepEqual(values(owner.seen), numbers(4))
      const first = owner.seen[0]?.offset ?? -1
      owner.partition?.confirm(first + 2, first + 4)
      await bench.until('two more', () => owner.seen.length === 6)
      for (let offset = first; offset < first + 10; offset++) {
        await bench.until('the record', () => owner.seen.some((record) => record.offset === offset))
        owner.partition?.confirm(offset)
      }
      assert.deepEqual(values(owner.seen), numbers(10))
    })

    it('delivers again what was not confirmed when its owner asks for it, and what follows', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(10))
      const owner = new Owner()
      await consume(bench, owner)
      await bench.until('ten records', () => owner.seen.length === 10)
      const first = owner.seen[0]?.offset ?? -1
      owner.partition?.confirm(first, first + 4)
      owner.partition?.confirm(first + 7)
      // Idle, and while a batch is handled.
      owner.partition?.rewind()
      await bench.until('six records again', () => owner.seen.length === 16)
      assert.deepEqual(values(owner.seen.slice(10)), numbers(6, 4))
      owner.whileHandling = (partition) => {
        owner.whileHandling = () => undefined
        partition.rewind()
      }
      put(appender, ['next'], 'process', 11)
      await bench.until('all of them again', () => owner.seen.length === 16 + 1 + 7)
      assert.deepEqual(values(owner.seen.slice(16)), ['next', ...numbers(6, 4), 'next'])
      assert.equal(owner.partition?.unconfirmed, 7)
    })

    it('commits what is confirmed when the partition ends, and nothing that is confirmed after it', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(4))
      const before = new Owner()
      const consumer = await consume(bench, before)
      await bench.until('four records', () => before.seen.length === 4)
      const first = before.seen[0]?.offset ?? -1
      before.lastWords = (partition) => partition.confirm(first, first + 2)
      await consumer.stop('for the test')
      before.partition?.confirm(first, first + 4)
      const after = new Owner()
      await consume(bench, after)
      await bench.until('two records again', () => after.seen.length === 2)
      assert.deepEqual(values(after.seen), numbers(2, 2))
    })

    it('asks its owner again when that fails to take a partition, and does not wait for it at the end', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(3))
      await appender.flush()
      const owner = new Owner()
      let asked = 0
      owner.whileAssigned = () => (++asked === 1 ? Promise.reject(new TypeError('not yet')) : Promise.resolve())
      const consumer = await consume(bench, owner)
      await bench.until('three records', () => owner.seen.length === 3)
      assert.ok(asked > 1)
      await consumer.stop('for the test')
      const slow = new Owner()
      asked = 0
      slow.whileAssigned = () => new Promise(() => asked++)
      const waiting = await consume(bench, slow)
      await bench.until('the question', () => asked > 0)
      await waiting.stop('for the test')
      assert.deepEqual([slow.seen, slow.ends], [[], []])
    })

    it('pauses while the metadata are too long, and commits the last that fit until then', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(3))
      await appender.flush()
      const owner = new Owner()
      const consumer = await consume(bench, owner)
      await bench.until('three records', () => owner.seen.length === 3)
      const first = owner.seen[0]?.offset ?? -1
      owner.stored = 'x'.repeat(5_000)
      owner.partition?.confirm(first)
      let appended = 3
      await bench.until('the pause', () => {
        if (owner.pauses === 0 && owner.seen.length === appended) put(appender, ['more'], 'process', ++appended)
        return owner.pauses > 0
      })
      owner.stored = 'short'
      owner.partition?.touch()
      put(appender, ['end'], 'process', 1_000)
      await bench.until('the rest', () => values(owner.seen).includes('end'))
      await consumer.stop('for the test')
      const after = new Owner()
      await consume(bench, after)
      await bench.until('the second record again', () => after.seen.length > 0)
      assert.deepEqual([after.partition?.nextOffset, after.partition?.metadata], [first + 1, 'short'])
    })

    it('writes outputs, and takes the records that need no confirmation as confirmed', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(3))
      await appender.flush()
      const owner = new Owner()
      const letters: Seen[] = []
      await bench.consume(
        async (batch, signal, assigned) => {
          const result = await owner.handler(batch, signal, assigned)
          const output = { topic: 'alerts' as const, key: KEY, value: Buffer.from('dead'), timestampMs: WALL_MS }
          return { ...result, outputs: [output], confirmed: [[batch.firstOffset, batch.lastOffset + 1]] }
        },
        { deferred: owner, group: 'deferring', outputs: ['alerts'] },
      )
      await bench.consume(keeping(letters), { group: 'sinks', topics: ['alerts'] })
      await bench.until('the letters', () => letters.length > 0)
      await bench.until('nothing to be confirmed', () => owner.seen.length === 3 && owner.partition?.unconfirmed === 0)
    })

    it('commits outputs, offset and metadata of a step in one, and repeats none of them', async () => {
      const bench = await open()
      const appender = await bench.appender()
      put(appender, numbers(6))
      const before = new Owner()
      const outputs: Seen[] = []
      const options = { outputs: ['alerts' as const] }
      const consumer = await consume(bench, before, options)
      await bench.consume(keeping(outputs), { group: 'sinks', topics: ['alerts'] })
      await bench.until('six records', () => before.seen.length === 6)
      const first = before.seen[0]?.offset ?? -1
      const output = (text: string) => ({ topic: 'alerts' as const, key: KEY, value: Buffer.from(text), timestampMs: WALL_MS })
      before.stored = 'b'
      assert.equal(await before.partition?.finish({ nextOffset: first + 2, metadata: 'a', outputs: [output('0-1')] }), true)
      assert.equal(await before.partition?.finish({ nextOffset: first + 5, metadata: 'b', outputs: [output('2-4'), output('too')] }), true)
      assert.equal(before.partition?.unconfirmed, 1)
      const stray = { topic: 'pending' as const, key: KEY, value: Buffer.from('x'), timestampMs: WALL_MS }
      await assert.rejects(
        before.partition?.finish({ nextOffset: first + 6, metadata: 'c', outputs: [stray] }) ?? Promise.resolve(),
        TypeError,
      )
      await bench.until('the outputs', () => outputs.length === 3)
      await consumer.stop('for the test')
      assert.equal(await before.partition?.finish({ nextOffset: first + 6, metadata: 'c', outputs: [output('late')] }), false)
      const after = new Owner()
      await consume(bench, after, options)
      await bench.until('the last record again', () => after.seen.length === 1)
      assert.deepEqual([after.partition?.nextOffset, after.partition?.metadata, values(after.seen)], [first + 5, 'b', numbers(1, 5)])
      assert.equal(await after.partition?.finish({ nextOffset: first + 6, metadata: 'd', outputs: [output('5')] }), true)
      await bench.until('its output', () => outputs.length === 4)
      assert.deepEqual(values(outputs).sort(), ['0-1', '2-4', '5', 'too'])
    })
  })
}
