// The TopicAppender over Kafka: finds the partition of each record, bounds the memory, runs the linger timer and reports marks in order.
// Between the writers of records (the collector's encoder) and the queues of the partitions.
import type { BodyAppender, HeldBody, RecordBody } from '../../topic-log/body-appender.js'
import { type AckListener, type AppendRecord, LogFullError, type LossListener } from '../../topic-log/topic-log.js'
import type { Logger } from '../../process/logger.js'
import { TOPIC_KEYS, type TopicKey } from '../../topic-log/topics.js'
import { Waiters } from '../../waiting/waiters.js'
import { compressorOf } from '../compression.js'
import { topicNameOf, type KafkaConfig } from '../kafka-config.js'
import { KafkaUnreachableError } from '../kafka-errors.js'
import { partitionOf } from '../partitions.js'
import type { OutageLog } from '../../process/outage-log.js'
import { AckOrder } from './ack-order.js'
import { BrokerClock } from './broker-clock.js'
import { FramePool } from './queued-batch.js'
import { PartitionQueue, type QueueContext } from './partition-queue.js'
import { newPublisherCounters, type PublisherCounters, PublishOutage } from './publisher-report.js'
import { produceHead } from './produce-request.js'
import type { ProduceTransport, ProducerIdentity } from '../transport.js'
import { BATCH_HEADER_BYTES } from '../batch-layout.js'

const DEFAULT_LINGER_MS = 20
const DEFAULT_BATCH_BYTES = 1_000_000
const DEFAULT_BUFFER_BYTES = 64 * 1024 * 1024
const DEFAULT_DRAIN_MS = 5_000
// Frames stored for reuse: as many as a busy publisher has open and in flight.
const POOLED_FRAMES = 8

/** Dependencies of a connected publisher. */
export interface PublisherDeps {
  readonly cluster: ProduceTransport
  readonly producer: ProducerIdentity
  readonly outage: OutageLog
  readonly log: Logger
  readonly onAck: AckListener
  readonly onLoss: LossListener
  /** First sequence of each queue; 0, except in tests of the wrap at 2^31. */
  readonly firstSequence?: number
}

interface TopicState {
  readonly order: AckOrder
  readonly queues: readonly PartitionQueue[]
}

/** A TopicAppender over a connected cluster. */
export class KafkaPublisher implements BodyAppender {
  readonly counters: PublisherCounters = newPublisherCounters()
  readonly #deps: PublisherDeps
  readonly #lingerMs: number
  readonly #bufferBytes: number
  readonly #topics: ReadonlyMap<TopicKey, TopicState>
  readonly #brokerClock: BrokerClock
  readonly #stop = new AbortController()
  readonly #waiters = new Waiters()
  #buffered = 0
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(config: KafkaConfig, deps: PublisherDeps) {
    this.#deps = deps
    this.#lingerMs = config.lingerMs ?? DEFAULT_LINGER_MS
    this.#bufferBytes = config.bufferBytes ?? DEFAULT_BUFFER_BYTES
    this.#brokerClock = new BrokerClock(deps.log, this.counters)
    const clientId = config.clientId ?? 'eunomia'
    const heads = new Map((config.publishTopics ?? TOPIC_KEYS).map((key) => [key, produceHead(clientId, topicNameOf(config, key))]))
    const longestHead = Math.max(...[...heads.values()].map((head) => head.length))
    const outage = new PublishOutage(deps.outage, deps.log)
    const context: QueueContext = {
      cluster: deps.cluster,
      clientId,
      compressor: compressorOf(config.compression ?? 'none'),
      pool: new FramePool(longestHead + BATCH_HEADER_BYTES + (config.batchBytes ?? DEFAULT_BATCH_BYTES), POOLED_FRAMES),
      counters: this.counters,
      log: deps.log,
      signal: this.#stop.signal,
      brokerClock: this.#brokerClock,
      hostTopic: topicNameOf(config, 'host'),
      producer: () => deps.producer,
      onReleased: (bytes) => this.#released(bytes),
      onAttempt: (place, error) => outage.attempted(place, error),
    }
    this.#topics = new Map([...heads].map(([key, head]) => [key, this.#topicState(config, key, head, context)]))
  }

  get bufferedBytes(): number {
    return this.#buffered
  }

  get clockOffsetMs(): number | null {
    return this.#brokerClock.offsetMs
  }

  append(record: AppendRecord): boolean {
    if (this.#buffered >= 2 * this.#bufferBytes || this.#closing !== undefined) this.#refuseAppend()
    this.#buffered += this.#queueOf(record.topic, record.key).append(record)
    this.#timer ??= setTimeout(this.#lingered, this.#lingerMs)
    return this.#buffered < this.#bufferBytes
  }

  appendBody(topic: TopicKey, key: Uint8Array, body: RecordBody, mark: number): boolean {
    if (this.#buffered >= 2 * this.#bufferBytes || this.#closing !== undefined) this.#refuseAppend()
    this.#buffered += this.#queueOf(topic, key).appendBody(body, mark)
    return this.#buffered < this.#bufferBytes
  }

  held(topic: TopicKey, key: Uint8Array): readonly HeldBody[] {
    return this.#queueOf(topic, key).held()
  }

  async drained(): Promise<void> {
    await this.#waitFor(() => this.#buffered <= this.#bufferBytes / 2)
  }

  async flush(): Promise<void> {
    const targets = [...this.#topics.values()].map(({ order }) => ({ order, count: order.appended }))
    this.#sealAll()
    await this.#waitFor(() => targets.every(({ order, count }) => order.safe >= count))
  }

  async close(drainMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.#closing ??= this.#drainAndEnd(drainMs)
    await this.#closing
  }

  #topicState(config: KafkaConfig, key: TopicKey, head: Buffer, context: QueueContext): TopicState {
    const name = topicNameOf(config, key)
    const order = new AckOrder({
      onProgress: (mark, records) => this.#deps.onAck(key, mark, records),
      onLost: (mark, records, reason) => {
        this.#deps.log.error({ topic: name, records, reason }, 'records are lost')
        this.#deps.onLoss(key, mark, records, reason)
      },
    })
    const queues = Array.from(
      { length: this.#deps.cluster.partitionCount(name) },
      (_, partition) => new PartitionQueue(context, name, partition, head, order, this.#deps.firstSequence),
    )
    return { order, queues }
  }

  #queueOf(topic: TopicKey, key: Uint8Array): PartitionQueue {
    const state = this.#topics.get(topic)
    const queue = state?.queues[partitionOf(key, state.queues.length)]
    if (queue === undefined) throw new TypeError(`this publisher does not write the topic ${topic}`)
    return queue
  }

  readonly #lingered = (): void => {
    this.#timer = undefined
    for (const { queues } of this.#topics.values()) for (const queue of queues) queue.lingered()
  }

  #sealAll(): void {
    for (const { queues } of this.#topics.values()) for (const queue of queues) queue.seal()
  }

  #released(bytes: number): void {
    this.#buffered -= bytes
    // The settled counts are updated after this call.
    if (!this.#waiters.isEmpty) setImmediate(() => this.#wake())
  }

  async #waitFor(isDone: () => boolean): Promise<void> {
    if (this.#stop.signal.aborted && !isDone()) throw closedError()
    await this.#waiters.until(isDone)
  }

  #wake(): void {
    this.#waiters.wake(this.#stop.signal.aborted ? closedError() : undefined)
  }

  async #drainAndEnd(drainMs: number): Promise<void> {
    const deadline = setTimeout(() => {
      this.#stop.abort()
      this.#wake()
    }, drainMs)
    await this.flush().catch(() => undefined)
    clearTimeout(deadline)
    clearTimeout(this.#timer)
    this.#stop.abort()
    for (const { order } of this.#topics.values()) order.loseRest(`not acknowledged within ${String(drainMs)} ms after close`)
    this.#wake()
    await this.#deps.cluster.disconnect().catch(() => undefined)
  }

  #refuseAppend(): never {
    if (this.#closing !== undefined) throw closedError()
    throw new LogFullError(`the publisher holds ${String(this.#buffered)} bytes, twice its bound: wait for drained()`, {
      details: { bufferedBytes: this.#buffered, bufferBytes: this.#bufferBytes },
    })
  }
}

function closedError(): KafkaUnreachableError {
  return new KafkaUnreachableError('the publisher is closed')
}
