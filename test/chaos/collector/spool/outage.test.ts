// The publisher of a collector over a real broker that is killed: what the spool holds arrives in order and once; what it can't hold is the oldest, and is in the
// ledger by kind and CPU.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../../../collector/ledger/account.js'
import { Ledger } from '../../../../collector/ledger/ledger.js'
import { EventPublisher } from '../../../../collector/publish/event-publisher.js'
import { KIND } from '../../../../native/generated/layout.js'
import { RING } from '../../../../collector/source/event-source.js'
import { Spool } from '../../../../collector/spool/spool.js'
import { createTopics } from '../../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { AvroWriter } from '../../../../schemas/avro-writer.js'
import { startOwnKafka, type OwnKafka } from '../../../support/services/own-kafka.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

const CPUS = 2
const MIB = 1 << 20
const PADDING = 'x'.repeat(500)

/** A publisher with its books, over one broker and one folder. */
class Host {
  readonly ledger = new Ledger(CPUS)
  readonly safe = [0, 0]
  readonly emitted = Array.from({ length: CPUS }, () => [] as number[])
  readonly #log: KafkaTopicLog
  readonly #writer = new AvroWriter()
  #publisher: EventPublisher | undefined
  #next: Record<'process' | 'file', number>

  constructor(config: KafkaConfig, first = 1) {
    this.#log = new KafkaTopicLog({ ...config, batchBytes: 50_000 }, SILENT_LOGGER)
    this.#next = { process: first, file: first }
  }

  async open(folder: string): Promise<void> {
    const spool = await Spool.open({ folder, maxBytes: MIB, sync: 'interval' }, SILENT_LOGGER)
    this.#publisher = await EventPublisher.open({
      topicLog: this.#log,
      spooling: { topicLog: this.#log, spool, options: { outageMs: 300 } },
      ledger: this.ledger,
      key: Buffer.from('host'),
      onSafe: (ring, position) => (this.safe[ring] = position),
      onLoss: () => undefined,
    })
  }

  get publisher(): EventPublisher {
    assert(this.#publisher !== undefined)
    return this.#publisher
  }

  /** Appends the next numbers of a topic, on both CPUs in turn. */
  append(topic: 'process' | 'file', count: number): void {
    const kind = topic === 'process' ? KIND.exec : KIND.open
    for (let left = count; left > 0; left--) {
      const number = this.#next[topic]++
      const of = (this.emitted[number % CPUS] ??= [])
      of[kind] = (of[kind] ?? 0) + 1
      this.#writer.reset()
      this.#writer.text(`${String(number)} ${PADDING}`)
      const ring = topic === 'process' ? RING.security : RING.bulk
      this.publisher.fromRing({ ring, mark: number, account: this.ledger.accountOf(kind, number % CPUS) }, topic, this.#writer, 1_000_000)
      this.publisher.handled(ring, number)
    }
  }

  accounts(): Account[] {
    return this.ledger.accounts(this.emitted.map((emitted) => ({ seq: [], emitted, dropped: [], suppressed: [] })))
  }

  sum(name: 'spooled' | 'published' | 'droppedSpool' | 'inFlight', topic?: string): number {
    return this.accounts().reduce((sum, account) => sum + (topic === undefined || account.topic === topic ? account[name] : 0), 0)
  }

  async close(): Promise<void> {
    await this.publisher.close(5_000)
    await this.#log.close()
  }
}

/** The numbers in a topic in the order of their offsets, once `count` are there. */
async function numbersOf(config: KafkaConfig, topic: 'process' | 'file', count: number): Promise<number[]> {
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  const seen = new Map<number, number>()
  await log.consume({
    group: `numbers-${String(Math.random())}`,
    topics: [topic],
    from: 'earliest',
    handler: (batch) => {
      while (batch.next()) {
        const text = Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)).toString('latin1')
        seen.set(batch.offset, Number(/(\d+) x/.exec(text)?.[1]))
      }
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
  await waitForCount(`${String(count)} records of ${topic}`, () => seen.size, count)
  await log.close()
  return [...seen].sort(([a], [b]) => a - b).map(([, number]) => number)
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('collector/spool over a broker that is killed', () => {
  let kafka: OwnKafka
  let config: KafkaConfig
  let folder: string
  before(async () => (kafka = await startOwnKafka(1)))
  beforeEach(async () => {
    // Finds the broker, unless a test left it killed.
    await kafka.restart()
    config = { ...kafka.config, topicPrefix: `t${randomUUID().slice(0, 8)}.` }
    await createTopics(config, { partitions: 1 }, SILENT_LOGGER)
    folder = mkdtempSync(join(tmpdir(), 'eunomia-spool-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  after(async () => await kafka.service.stop())

  it('frees the rings during the outage, and publishes everything once and in order when the broker is back', async () => {
    const host = new Host(config)
    await host.open(folder)
    host.append('file', 200)
    await waitFor('the first records', () => host.sum('published') === 200)
    await kafka.service.kill9()
    host.append('file', 300)
    await waitFor('the outage to be seen', () => host.safe[RING.bulk] === 500)
    host.append('process', 100)
    host.append('file', 100)
    await waitFor('the spool', () => host.safe[RING.bulk] === 600 && host.safe[RING.security] === 100)
    assert.deepEqual([host.sum('spooled'), host.sum('inFlight')], [500, 500])
    await kafka.restart()
    await waitFor('all in the topics', () => host.sum('published') === 700)
    host.append('file', 50)
    await waitFor('records that do not pass the spool', () => host.sum('published') === 750)
    assert.deepEqual(await numbersOf(config, 'file', 650), numbers(1, 650))
    assert.deepEqual(await numbersOf(config, 'process', 100), numbers(1, 100))
    assert.equal(host.sum('inFlight'), 0)
    await host.close()
  })

  it('loses exactly the oldest opens of the spool in an outage beyond its limit, and the ledger counts them by kind and CPU', async () => {
    await kafka.service.kill9()
    const host = new Host(config)
    await host.open(folder)
    host.append('process', 500)
    for (let turn = 0; turn < 50; turn++) {
      host.append('file', 100)
      await host.publisher.flush()
    }
    const lost = host.sum('droppedSpool')
    assert(lost > 3_000 && lost < 5_000, String(lost))
    assert.equal(host.sum('droppedSpool', 'process'), 0)
    assert.equal(host.sum('spooled') + lost, 5_500)
    await kafka.restart()
    await waitFor('the rest in the topics', () => host.sum('spooled') === 0)
    assert.deepEqual(await numbersOf(config, 'process', 500), numbers(1, 500))
    const opens = await numbersOf(config, 'file', 5_000 - lost)
    assert.deepEqual(opens, numbers(lost + 1, 5_000), 'the oldest are gone, and no other')
    for (const { cpu, droppedSpool, kind } of host.accounts())
      assert.equal(droppedSpool, kind === 'open' ? numbers(1, lost).filter((number) => number % CPUS === cpu).length : 0)
    await host.close()
  })

  it('sends the records of an earlier run before its own, and counts them', async () => {
    await kafka.service.kill9()
    const first = new Host(config)
    await first.open(folder)
    first.append('process', 300)
    await first.publisher.flush()
    await first.close()
    assert.deepEqual([first.sum('spooled'), first.sum('inFlight')], [300, 300])
    const second = new Host(config, 301)
    await second.open(folder)
    second.append('process', 100)
    await second.publisher.flush()
    await kafka.restart()
    await waitFor('all in the topic', () => second.sum('published') === 400)
    assert.deepEqual(await numbersOf(config, 'process', 400), numbers(1, 400))
    const inherited = second.accounts().filter(({ isInherited }) => isInherited)
    assert.deepEqual(
      inherited.map(({ topic, kind, cpu, emitted, published, spooled }) => [topic, kind, cpu, emitted, published, spooled]),
      [
        ['process', 'exec', 1, 150, 150, 0],
        ['process', 'exec', 0, 150, 150, 0],
      ],
    )
    await second.close()
  })
})
