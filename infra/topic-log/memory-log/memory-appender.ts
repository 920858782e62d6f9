// The appender of the memory log: copies records, and acknowledges all records of one turn of the event loop together.
import { type AckListener, type AppendRecord, LogFullError, type TopicAppender } from '../topic-log.js'
import type { TopicKey } from '../topics.js'
import { recordBytes } from './chunk.js'
import type { TopicRecords } from './topic-records.js'

/** The part of the memory log that an appender uses. */
export interface AppenderLog {
  topic(key: TopicKey): TopicRecords
  /** Wakes the consumers of a topic. */
  wake(key: TopicKey): void
  /** Resolves when a group commits, or an appender or the log closes. */
  moved(): Promise<void>
  /** Resolves `moved`. */
  move(): void
  /** Counts a refused record. */
  countRefused(): void
  readonly isClosed: boolean
}

interface Unacknowledged {
  mark: number
  records: number
}

/** Takes records for the topics of a memory log. */
export class MemoryAppender implements TopicAppender {
  readonly #topicLog: AppenderLog
  readonly #onAck: AckListener
  readonly #unacknowledged = new Map<TopicKey, Unacknowledged>()
  readonly #touched = new Set<TopicKey>()
  #acknowledging: Promise<void> | null = null
  #buffered = 0
  #isClosed = false

  constructor(topicLog: AppenderLog, onAck: AckListener) {
    this.#topicLog = topicLog
    this.#onAck = onAck
  }

  /** Bytes appended in this turn of the event loop. */
  get bufferedBytes(): number {
    return this.#buffered
  }

  append(record: AppendRecord): boolean {
    const { topic, mark } = record
    if (this.#isClosed || this.#topicLog.isClosed) throw new Error('append after close')
    const records = this.#topicLog.topic(topic)
    const size = recordBytes(record)
    if (!records.hasRoom(size)) {
      this.#topicLog.countRefused()
      throw new LogFullError(`topic ${topic} holds ${String(records.bytes)} bytes that its readers have not passed: wait for drained()`, {
        details: { topic, bytes: records.bytes },
      })
    }
    records.append(record)
    this.#touched.add(topic)
    this.#buffered += size
    const waiting = this.#unacknowledged.get(topic)
    if (waiting === undefined) this.#unacknowledged.set(topic, { mark, records: 1 })
    else {
      waiting.mark = mark
      waiting.records++
    }
    this.#acknowledging ??= new Promise((resolve) => setImmediate(() => resolve(this.#acknowledge())))
    return !records.isOverBound
  }

  async drained(topics: readonly TopicKey[] = [...this.#touched]): Promise<void> {
    const isFull = (): boolean => topics.some((topic) => !this.#topicLog.topic(topic).hasDrained)
    while (!this.#isClosed && !this.#topicLog.isClosed && isFull()) await this.#topicLog.moved()
  }

  async flush(): Promise<void> {
    while (this.#acknowledging !== null) await this.#acknowledging
  }

  /** Never reports a loss, because the memory log holds everything that was appended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#topicLog.move() // ends waits for room
    await this.flush()
  }

  #acknowledge(): void {
    this.#acknowledging = null
    this.#buffered = 0
    const acknowledged = [...this.#unacknowledged]
    this.#unacknowledged.clear()
    for (const [topic] of acknowledged) this.#topicLog.wake(topic)
    for (const [topic, { mark, records }] of acknowledged) this.#onAck(topic, mark, records)
  }
}
