// Appends encoded values to the topic log, and passes its acknowledgements to the rings and the ledger.
// Knows rings, topics and accounts, never the content of a record.
import { type AppendRecord, LogFullError, type TopicAppender, type TopicLog } from '../../infra/topic-log/topic-log.js'
import type { BodyLog } from '../../infra/topic-log/body-appender.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { AvroWriter } from '../../schemas/avro-writer.js'
import type { Ledger } from '../ledger/ledger.js'
import { RING, type RingIndex } from '../source/event-source.js'
import type { SpoolListener } from '../spool/spool-listener.js'
import { SpooledAppender, type SpooledAppenderOptions } from '../spool/spooled-appender.js'
import type { Spool } from '../spool/spool.js'
import { AccountQueue, AckTracker } from './in-flight.js'
import { SpoolBooks } from './spool-books.js'

/** Topics of the records of each ring. */
const RING_TOPICS = [['process', 'network', 'kernel'], ['file']] as const satisfies readonly [
  security: readonly TopicKey[],
  bulk: readonly TopicKey[],
]
/** One of them. */
export type RingTopic = (typeof RING_TOPICS)[RingIndex][number]

/** Topics of records that only the collector produces. */
const OWN_TOPICS = ['container', 'host', 'usage', 'audit'] as const satisfies readonly TopicKey[]

/** Topics that the collector writes. */
const COLLECTOR_TOPICS = [...RING_TOPICS[0], ...RING_TOPICS[1], ...OWN_TOPICS] as const satisfies readonly TopicKey[]
type CollectorTopic = (typeof COLLECTOR_TOPICS)[number]

/** A log with a spool. */
export interface Spooling {
  readonly topicLog: BodyLog
  /** Closed with the publisher. */
  readonly spool: Spool
  readonly options?: SpooledAppenderOptions
}

/** Dependencies of the publisher. */
export interface EventPublisherDeps {
  readonly topicLog: TopicLog
  /** Replaces `topicLog`. */
  readonly spooling?: Spooling | undefined
  readonly ledger: Ledger
  /** Key of all records: the host id. */
  readonly key: Uint8Array
  /** A ring may be freed up to a position. */
  readonly onSafe: (ring: RingIndex, position: number) => void
  /** The log gave up records. */
  readonly onLoss: (topic: TopicKey, records: number, reason: string) => void
}

/** The ring record that an event is made from. */
export interface RingRecord {
  readonly ring: RingIndex
  /** Position in the ring after the record. */
  readonly mark: number
  /** Account of the ledger. */
  readonly account: number
}

/** What happened to a record that was appended. */
export type Appended = 'room' | 'full' | 'refused'

/** Appends records and tracks their acknowledgements. */
export class EventPublisher {
  readonly #deps: EventPublisherDeps
  readonly #rings: readonly [security: AckTracker, bulk: AckTracker] = [new AckTracker(), new AckTracker()]
  readonly #inFlight = perTopic(() => new AccountQueue())
  readonly #lastMark = perTopic(() => 0)
  /** Reused for each record. */
  readonly #record: AppendRecord
  #appender: TopicAppender | null = null
  /** Records that the log acknowledged. */
  acknowledged = 0

  private constructor(deps: EventPublisherDeps) {
    this.#deps = deps
    this.#record = { topic: 'process', key: deps.key, value: deps.key, valueStart: 0, valueEnd: 0, timestampMs: 0, mark: 0 }
  }

  /** Opens an appender on the log. */
  static async open(deps: EventPublisherDeps): Promise<EventPublisher> {
    const publisher = new EventPublisher(deps)
    const { spooling, ledger, key } = deps
    if (spooling !== undefined) {
      const books = new SpoolBooks(ledger, publisher.#inFlight)
      books.inherit(spooling.spool)
      const listener = publisher.#spoolListener(books)
      publisher.#appender = await SpooledAppender.open({ ...spooling, listener, key }, spooling.options)
      return publisher
    }
    publisher.#appender = await deps.topicLog.appender(
      (topic, mark, records) => publisher.#settle(topic, mark, records, true),
      (topic, mark, records, reason) => {
        publisher.#settle(topic, mark, records, false)
        deps.onLoss(topic, records, reason)
      },
    )
    return publisher
  }

  /** Bytes that the appender holds. */
  get bufferedBytes(): number {
    return this.#appender?.bufferedBytes ?? 0
  }

  /** Counters of the appender. */
  get counters(): Readonly<Record<string, number>> {
    return this.#appender?.counters ?? {}
  }

  /** Wall clock of this host minus that of the Kafka brokers, milliseconds; null while not known. */
  get clockOffsetMs(): number | null {
    return this.#appender?.clockOffsetMs ?? null
  }

  /** Counters of the spool; empty without one. */
  get spoolCounters(): Readonly<Record<string, number>> {
    return this.#deps.spooling?.spool.counters ?? {}
  }

  /**
   * Appends writer.bytes[0, position), made from a ring record.
   * @returns false when the appender is full: stop after this record, and await `drained`
   */
  fromRing({ ring, mark, account }: RingRecord, topic: RingTopic, writer: AvroWriter, wallUs: number): boolean {
    const before = this.#rings[ring].appended(topic, mark)
    this.#lastMark[topic] = mark
    const taken = this.#append(topic, account, writer, wallUs)
    if (taken === 'refused') this.#rings[ring].retract(topic, before)
    return taken === 'room'
  }

  /** Appends a record of the collector itself. @returns refused: not taken, and counted as dropped; full: taken, but wait for `drained` */
  own(topic: CollectorTopic, account: number, writer: AvroWriter, wallUs: number): Appended {
    // Topics of a ring use its marks; the others count records.
    if (OWN_TOPICS.some((each) => each === topic)) this.#lastMark[topic]++
    return this.#append(topic, account, writer, wallUs)
  }

  /** All records of `ring` before `position` were appended or needed no topic. */
  handled(ring: RingIndex, position: number): void {
    this.#rings[ring].handled(position)
    this.#free(ring)
  }

  /** Position in a ring up to which everything was handled. */
  handledPosition(ring: RingIndex): number {
    return this.#rings[ring].handledPosition
  }

  /** Resolves when there is room again. @param ring for records of this one; default for all */
  async drained(ring?: RingIndex): Promise<void> {
    await this.#appender?.drained(ring === undefined ? undefined : RING_TOPICS[ring])
  }

  /** Resolves when everything appended is acknowledged. */
  async flush(): Promise<void> {
    await this.#appender?.flush()
  }

  /** Flushes for at most `drainMs`; what is left is accounted as dropped. */
  async close(drainMs: number): Promise<void> {
    await this.#appender?.close(drainMs)
  }

  #append(topic: CollectorTopic, account: number, writer: AvroWriter, wallUs: number): Appended {
    const appender = this.#appender
    if (appender === null) throw new Error('the publisher is not open')
    const record = this.#record
    record.topic = topic
    record.value = writer.bytes
    record.valueEnd = writer.position
    record.timestampMs = Math.max(0, Math.floor(wallUs / 1000))
    record.mark = this.#lastMark[topic]
    this.#inFlight[topic].push(account)
    try {
      return appender.append(record) ? 'room' : 'full'
    } catch (error) {
      if (!(error instanceof LogFullError)) throw error
      // The record exceeds twice the bound and was not taken. It is still the last in the queue.
      this.#inFlight[topic].pop()
      this.#deps.ledger.dropped(account)
      this.#deps.onLoss(topic, 1, error.message)
      return 'refused'
    }
  }

  #spoolListener(books: SpoolBooks): SpoolListener {
    return {
      accountsOf: (topic, records) => books.accountsOf(topic, records),
      onSpooled: (topic, records) => books.spooled(topic, records),
      onUnspooled: (topic, accounts, outcome, isInherited) => books.unspooled(topic, accounts, outcome, isInherited),
      onAck: (topic, records) => this.#account(topic, records, true),
      onLoss: (topic, records, reason) => {
        this.#account(topic, records, false)
        this.#deps.onLoss(topic, records, reason)
      },
      onMark: (topic, mark) => this.#freeUpTo(topic, mark),
    }
  }

  #settle(topic: TopicKey, mark: number, records: number, isSafe: boolean): void {
    this.#account(topic, records, isSafe)
    this.#freeUpTo(topic, mark)
  }

  #account(topic: TopicKey, records: number, isSafe: boolean): void {
    if (!isCollectorTopic(topic)) return
    const queue = this.#inFlight[topic]
    const { ledger } = this.#deps
    for (let record = 0; record < records; record++) {
      const account = queue.shift()
      if (account === undefined) break
      if (isSafe) ledger.published(account)
      else ledger.dropped(account)
    }
    if (isSafe) this.acknowledged += records
  }

  #freeUpTo(topic: TopicKey, mark: number): void {
    for (const ring of [RING.security, RING.bulk]) {
      this.#rings[ring].acked(topic, mark)
      this.#free(ring)
    }
  }

  #free(ring: RingIndex): void {
    const position = this.#rings[ring].advance()
    if (position >= 0) this.#deps.onSafe(ring, position)
  }
}

function perTopic<Value>(make: () => Value): Record<CollectorTopic, Value> {
  return Object.fromEntries(COLLECTOR_TOPICS.map((topic) => [topic, make()])) as Record<CollectorTopic, Value>
}

function isCollectorTopic(topic: TopicKey): topic is CollectorTopic {
  return COLLECTOR_TOPICS.some((each) => each === topic)
}
