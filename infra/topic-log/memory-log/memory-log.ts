// The TopicLog of one process: `eunomia run` uses it between collector and functions instead of Kafka. Each topic is bounded by the records
// that the slowest group has not passed; at the bound, appenders wait. It ends with the process.
import { setMaxListeners } from 'node:events'
import {
  type AckListener,
  type ConsumeOptions,
  LogFullError,
  type LossListener,
  type OutputRecord,
  type TopicAppender,
  type TopicConsumer,
  type TopicLog,
} from '../topic-log.js'
import { TOPIC_KEYS, type TopicKey } from '../topics.js'
import { recordBytes } from './chunk.js'
import { MemoryAppender, type AppenderLog } from './memory-appender.js'
import { MemoryConsumer, type ConsumerLog } from './memory-consumer.js'
import { DEFAULT_MEMORY_LOG, type MemoryLogConfig, TopicRecords } from './topic-records.js'
import { Waiters } from '../../waiting/waiters.js'

/** Figures of a memory log. */
export interface MemoryLogStats {
  /** Bytes of all topics. */
  readonly bytes: number
  /** Records refused because a topic had reached twice its bound. */
  readonly refused: number
  /** Records dropped at the bound of a topic that no group reads. */
  readonly expired: number
}

/** A topic log in memory, with one partition per topic. */
export class MemoryLog implements TopicLog, AppenderLog, ConsumerLog {
  readonly config: MemoryLogConfig
  readonly #topics: ReadonlyMap<TopicKey, TopicRecords>
  readonly #arrivals: ReadonlyMap<TopicKey, Waiters>
  readonly #moves = new Waiters()
  readonly #closing = new AbortController()
  readonly #consumers = new Set<MemoryConsumer>()
  #refused = 0

  constructor(config: Partial<MemoryLogConfig> = {}) {
    this.config = { ...DEFAULT_MEMORY_LOG, ...config }
    const { topicBytes, chunkBytes } = this.config
    // One listener for each current batch of a group and topic, which may exceed Node's limit of ten.
    setMaxListeners(0, this.#closing.signal)
    this.#topics = new Map(TOPIC_KEYS.map((key) => [key, new TopicRecords(key, topicBytes, chunkBytes)]))
    this.#arrivals = new Map(TOPIC_KEYS.map((key) => [key, new Waiters()]))
  }

  get stats(): MemoryLogStats {
    const topics = [...this.#topics.values()]
    const sum = (of: (topic: TopicRecords) => number): number => topics.reduce((total, topic) => total + of(topic), 0)
    return { bytes: sum((topic) => topic.bytes), expired: sum((topic) => topic.expired), refused: this.#refused }
  }

  async appender(onAck: AckListener, _onLoss: LossListener): Promise<TopicAppender> {
    return Promise.resolve(new MemoryAppender(this, onAck))
  }

  async consume(options: ConsumeOptions): Promise<TopicConsumer> {
    if (this.isClosed) throw new Error('consume after close')
    const consumer = new MemoryConsumer(this, options)
    this.#consumers.add(consumer)
    void consumer.done.finally(() => this.#consumers.delete(consumer)).catch(() => undefined)
    return Promise.resolve(consumer)
  }

  /** Stops the consumers after their current batches. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#moves.wake()
    for (const arrivals of this.#arrivals.values()) arrivals.wake()
    await Promise.allSettled([...this.#consumers].map((consumer) => consumer.done))
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  topic(key: TopicKey): TopicRecords {
    return found(this.#topics, key)
  }

  wake(key: TopicKey): void {
    found(this.#arrivals, key).wake()
  }

  woken(key: TopicKey): Promise<void> {
    return found(this.#arrivals, key).next()
  }

  move(): void {
    this.#moves.wake()
  }

  moved(): Promise<void> {
    return this.#moves.next()
  }

  countRefused(): void {
    this.#refused++
  }

  appendAll(outputs: readonly OutputRecord[], freed: (key: TopicKey) => number): void {
    const bytes = new Map<TopicKey, number>()
    const records = outputs.map((output) => ({ ...output, valueStart: 0, valueEnd: output.value.length }))
    for (const record of records) bytes.set(record.topic, (bytes.get(record.topic) ?? 0) + recordBytes(record))
    for (const [topic, size] of bytes) {
      if (!this.topic(topic).hasRoom(size - freed(topic)))
        throw new LogFullError(`topic ${topic} has no room for outputs`, { details: { topic, bytes: size } })
    }
    for (const record of records) this.topic(record.topic).append(record)
    for (const topic of bytes.keys()) this.wake(topic)
  }
}

function found<Value>(map: ReadonlyMap<TopicKey, Value>, key: TopicKey): Value {
  const value = map.get(key)
  if (value === undefined) throw new Error(`there is no topic ${key}`)
  return value
}
