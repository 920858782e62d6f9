// Batches of one partition on their way to its leader: one fills, full ones wait, at most one is in flight. A batch keeps its frame and its
// sequence until it is acknowledged, so a repeat is never written twice. Knows no other partition.
import type { HeldBody, RecordBody } from '../../topic-log/body-appender.js'
import type { AppendRecord } from '../../topic-log/topic-log.js'
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { Backoff } from '../../waiting/backoff.js'
import { plainRecords, type BatchCompressor } from '../compression.js'
import type { AckOrder } from './ack-order.js'
import type { BrokerClock } from './broker-clock.js'
import { DESCRIBE_PRODUCERS, describeProducersRequest, parseLastSequence } from './describe-producers.js'
import { clampTimes, type FramePool, halvesOf, newQueuedBatch, type QueuedBatch } from './queued-batch.js'
import {
  DUPLICATE_SEQUENCE,
  isInLog,
  parseProduceAnswer,
  PRODUCE,
  produceOutcome,
  sequenceAfter,
  stampProduceHead,
} from './produce-request.js'
import type { ProduceTransport, ProducerIdentity, TransportConnection } from '../transport.js'
import type { PublisherCounters } from './publisher-report.js'
import { MOST_RECORD_OVERHEAD } from './record-batch.js'

/** Shared by the queues of a publisher. */
export interface QueueContext {
  readonly cluster: ProduceTransport
  readonly clientId: string
  readonly compressor: BatchCompressor | undefined
  readonly pool: FramePool
  readonly counters: PublisherCounters
  readonly log: Logger
  /** Ends waits and retries. */
  readonly signal: AbortSignal
  readonly brokerClock: BrokerClock
  /** Name of the topic whose answers carry broker time. */
  readonly hostTopic: string
  /** The identity that queues start with. */
  readonly producer: () => ProducerIdentity
  /** Called with the bytes of records that are no longer held. */
  readonly onReleased: (bytes: number) => void
  /** Called after each request to `place` (topic/partition). @param error undefined if it succeeded */
  readonly onAttempt: (place: string, error: unknown) => void
}

/** The broker did not answer: the connection failed. */
const NO_ANSWER = -1
/** Attempts that may be refused for record times without being an outage: at the start, no heartbeat has been answered yet. */
const EXPECTED_TOO_LATE = 5

/** The queue of one partition. */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly #place: string
  readonly #context: QueueContext
  readonly #head: Buffer
  readonly #order: AckOrder
  readonly #backoff = new Backoff(50, 2_000)
  #open: QueuedBatch | undefined
  readonly #waiting: QueuedBatch[] = []
  #isBusy = false
  #producer: ProducerIdentity | undefined
  #nextSequence: number
  #connection: TransportConnection | undefined
  /** Id of the connected broker; before the first connection, of the leader. */
  #broker: number

  /** @param firstSequence 0, except in tests of the wrap at 2^31 */
  constructor(context: QueueContext, topic: string, partition: number, head: Buffer, order: AckOrder, firstSequence = 0) {
    this.#context = context
    this.topic = topic
    this.partition = partition
    this.#place = `${topic}/${String(partition)}`
    this.#head = head
    this.#order = order
    this.#nextSequence = firstSequence
    this.#broker = context.cluster.leaderOf(topic, partition)
  }

  /** Takes one record. @returns the bytes that count toward the bound */
  append(record: AppendRecord): number {
    const valueBytes = record.valueEnd - record.valueStart
    const bytes = record.key.length + valueBytes + MOST_RECORD_OVERHEAD
    let batch = this.#open
    if (batch === undefined || !batch.writer.fits(record.key.length, valueBytes)) {
      if (batch !== undefined) this.seal()
      batch = this.#begin(bytes)
    }
    batch.writer.append(record)
    batch.heldBytes += bytes
    batch.lastMark = record.mark
    this.#order.append(record.mark)
    return bytes
  }

  /** Takes a body as a separate batch. @returns the bytes that count toward the bound */
  appendBody(body: RecordBody, mark: number): number {
    this.seal()
    const bytes = body.records.length + body.count * MOST_RECORD_OVERHEAD
    const batch = newQueuedBatch(this.#context.pool, this.#head, this.#order.begin(), body.records.length)
    batch.writer.adopt(body)
    batch.heldBytes = bytes
    batch.lastMark = mark
    this.#order.append(mark, body.count)
    this.#waiting.push(batch)
    this.#prepare(batch)
    return bytes
  }

  /** Views of the unacknowledged batches, oldest first. */
  held(): HeldBody[] {
    const batches = this.#open === undefined ? this.#waiting : [...this.#waiting, this.#open]
    return batches.map(({ writer, lastMark }) => {
      const { count, baseTimestampMs, maxTimestampMs, attributes, records } = writer
      return { count, baseTimestampMs, maxTimestampMs, attributes, records, lastMark }
    })
  }

  /** The linger time is over: seals the open batch, or lets it fill further while others are before it. */
  lingered(): void {
    if (this.#open === undefined) return
    if (this.#isBusy || this.#waiting.length > 0) this.#open.hasLingered = true
    else this.seal()
  }

  /** Closes the open batch and queues it. */
  seal(): void {
    const batch = this.#open
    if (batch === undefined) return
    this.#open = undefined
    this.#waiting.push(batch)
    this.#prepare(batch)
  }

  #prepare(batch: QueuedBatch): void {
    const { compressor, brokerClock } = this.#context
    if (!batch.writer.isCompressed && batch.writer.maxTimestampMs > brokerClock.latestMs(this.#broker)) {
      try {
        this.#clampTo(batch, batch.writer.records)
      } catch (error) {
        this.#unreadable(batch, error)
      }
    }
    if (compressor === undefined || batch.writer.isCompressed) {
      batch.isReady = true
      this.#pump()
      return
    }
    compressor
      .compress(batch.writer.records)
      .then(
        (compressed) => batch.writer.replaceRecords(compressed, compressor.attributes),
        (error: unknown) => {
          this.#context.log.warn({ topic: this.topic, error: messageOf(error) }, 'a batch could not be compressed, it is sent uncompressed')
        },
      )
      .finally(() => {
        batch.isReady = true
        this.#pump()
      })
  }

  #begin(firstBytes: number): QueuedBatch {
    this.#open = newQueuedBatch(this.#context.pool, this.#head, this.#order.begin(), firstBytes)
    return this.#open
  }

  #pump(): void {
    const batch = this.#waiting[0]
    if (this.#isBusy || batch === undefined || !batch.isReady || this.#context.signal.aborted) return
    this.#isBusy = true
    void this.#deliver(batch).then((isDone) => {
      this.#isBusy = false
      if (!isDone) return
      if (this.#waiting.length === 0 && this.#open?.hasLingered === true) this.seal()
      this.#pump()
    })
  }

  /** Sends a batch until the broker acknowledges or permanently refuses it; false if the publisher ends before. Never rejects. */
  async #deliver(batch: QueuedBatch): Promise<boolean> {
    const { brokerClock, counters, signal } = this.#context
    for (let refusals = 0; ;) {
      if (signal.aborted) return false
      const errorCode = await this.#attempt(batch)
      const outcome = errorCode === NO_ANSWER ? 'retry' : produceOutcome(errorCode, batch.attempts)
      if (outcome === 'acked') {
        if (errorCode === DUPLICATE_SEQUENCE) counters.duplicates++
        this.#acked(batch)
        return true
      }
      // Until the first heartbeat is answered, broker time is unknown: the batch waits for it, but not forever.
      const isTooLate = outcome === 'tooLate'
      if (isTooLate) brokerClock.refused(this.#broker, ++refusals, batch.writer.maxTimestampMs)
      if (isTooLate && (await this.#clamp(batch))) continue
      if (outcome === 'refused' || outcome === 'tooMuch' || (isTooLate && brokerClock.isSettled)) {
        if (outcome === 'refused' || !(await this.#divide(batch))) this.#refused(batch, errorCode)
        return true
      }
      if (!(await this.#backoff.wait(signal))) return false
      await this.#context.cluster.refresh().catch((error: unknown) => this.#context.onAttempt(this.#place, error))
      this.#connection = undefined
      if (outcome === 'verify' && (await this.#verify(batch))) return true
    }
  }

  /** Sends once. @returns the broker's error code, or NO_ANSWER */
  async #attempt(batch: QueuedBatch): Promise<number> {
    const { brokerClock, cluster, counters, onAttempt } = this.#context
    try {
      if (this.#connection?.isConnected() !== true) {
        this.#connection = await cluster.leaderConnection(this.topic, this.partition)
        this.#broker = cluster.leaderOf(this.topic, this.partition)
      }
      if (batch.producer === undefined) {
        await this.#clamp(batch)
        this.#stamp(batch)
      }
      if (batch.attempts++ > 0) counters.retries++
      const { writer } = batch
      const sentAt = performance.now()
      const payload = await cluster.sendFrame(this.#connection, PRODUCE, writer.frame.subarray(0, writer.end))
      const { errorCode, appendedMs, throttleMs } = parseProduceAnswer(payload)
      // The answer to a repeat carries the time of the first append.
      if (errorCode === 0 && batch.attempts === 1) {
        if (appendedMs >= 0) brokerClock.answered(this.#broker, appendedMs, sentAt)
        else if (this.topic === this.#context.hostTopic) brokerClock.unknowable()
      }
      cluster.throttle(this.#connection, throttleMs)
      const outcome = produceOutcome(errorCode, batch.attempts)
      const isFailed = outcome === 'retry' || (outcome === 'tooLate' && batch.attempts > EXPECTED_TOO_LATE)
      onAttempt(this.#place, isFailed ? new Error(`${this.#place}: the broker answered with error ${String(errorCode)}`) : undefined)
      return errorCode
    } catch (error) {
      if (this.#connection !== undefined) cluster.drop(this.#connection)
      this.#connection = undefined
      onAttempt(this.#place, error)
      return NO_ANSWER
    }
  }

  /** Gives records whose time is too far ahead an earlier one. False if there are none, or if broker time is unknown. */
  async #clamp(batch: QueuedBatch): Promise<boolean> {
    const { writer } = batch
    if (batch.isUnreadable || writer.maxTimestampMs <= this.#context.brokerClock.latestMs(this.#broker)) return false
    try {
      this.#clampTo(batch, await plainRecords(writer.attributes, writer.records))
    } catch (error) {
      this.#unreadable(batch, error)
      return false
    }
    // A batch that was refused for its times keeps its sequence, which the broker did not use.
    if (batch.producer !== undefined) this.#finish(batch, batch.producer)
    return true
  }

  #clampTo(batch: QueuedBatch, plain: Buffer): void {
    const { brokerClock, counters, pool } = this.#context
    counters.clampedRecords += clampTimes(batch, plain, brokerClock.clampToMs(this.#broker), pool, this.#head)
    brokerClock.clamped(this.#broker)
  }

  /** The batch is sent unchanged; the broker decides. */
  #unreadable(batch: QueuedBatch, error: unknown): void {
    batch.isUnreadable = true
    this.#context.counters.unclampedBatches++
    this.#context.log.error(
      { topic: this.topic, partition: this.partition, error: messageOf(error) },
      'the records of a batch cannot be read, it is sent with its original times',
    )
  }

  #stamp(batch: QueuedBatch): void {
    this.#producer ??= this.#context.producer()
    batch.producer = this.#producer
    batch.sequence = this.#nextSequence
    this.#nextSequence = sequenceAfter(this.#nextSequence, batch.writer.count)
    this.#finish(batch, batch.producer)
  }

  #finish({ writer, sequence }: QueuedBatch, { id, epoch }: ProducerIdentity): void {
    writer.finish(id, epoch, sequence)
    stampProduceHead(writer.frame, this.#head.length, this.partition, writer.end)
  }

  /**
   * The broker refused the sequence. Either the batch is in the log and the broker forgot it (it remembers five batches, and only one after a
   * crash and a new segment), or the log lost acknowledged records. True if the batch is in the log.
   */
  async #verify(batch: QueuedBatch): Promise<boolean> {
    const { cluster, counters, clientId, log } = this.#context
    const { producer } = batch
    if (producer === undefined) return false
    try {
      const connection = await cluster.leaderConnection(this.topic, this.partition)
      const request = describeProducersRequest(clientId, this.topic, [this.partition])
      const last = parseLastSequence(await cluster.sendFrame(connection, DESCRIBE_PRODUCERS, request), producer.id, producer.epoch)
      if (isInLog(last, batch.sequence, batch.writer.count)) {
        counters.foundInLog++
        this.#acked(batch)
        return true
      }
      // The last resort: lost records remain lost, and the broker can't detect a repeat of a batch from before.
      const fresh = await cluster.initProducer()
      counters.producerResets++
      log.warn(
        { topic: this.topic, partition: this.partition, lastSequence: last, sequence: batch.sequence },
        'a partition got a new producer id',
      )
      this.#producer = fresh
      this.#nextSequence = 0
      batch.producer = undefined
    } catch (error) {
      this.#context.onAttempt(this.#place, error)
    }
    return false
  }

  #acked(batch: QueuedBatch): void {
    this.#context.counters.batches++
    this.#backoff.reset()
    this.#release(batch)
    this.#order.settle(batch.ticket, batch.writer.count)
    // A frame that was sent more than once may still be read by an old socket.
    if (batch.attempts === 1) this.#context.pool.release(batch.writer.frame)
  }

  /** Replaces a batch with its halves. False if it has only one record or can't be read. */
  async #divide(batch: QueuedBatch): Promise<boolean> {
    const { counters, log, pool } = this.#context
    const { writer } = batch
    if (writer.count < 2) return false
    let halves: readonly [QueuedBatch, QueuedBatch]
    try {
      const plain = await plainRecords(writer.attributes, writer.records)
      halves = halvesOf(batch, plain, pool, this.#head)
    } catch (error) {
      log.error({ topic: this.topic, partition: this.partition, error: messageOf(error) }, 'a refused batch could not be divided')
      return false
    }
    counters.dividedBatches++
    this.#order.divide(batch.ticket)
    // The broker did not use the sequence: the first half gets it.
    this.#nextSequence = batch.sequence
    this.#waiting.splice(0, 1, ...halves)
    for (const half of halves) this.#prepare(half)
    return true
  }

  #refused(batch: QueuedBatch, errorCode: number): void {
    const { count } = batch.writer
    this.#context.counters.refusedRecords += count
    // The broker did not use the sequence: the next batch gets it.
    this.#nextSequence = batch.sequence
    this.#release(batch)
    this.#order.lose(batch.ticket, count, batch.lastMark, `refused by the broker with error ${String(errorCode)}`)
  }

  #release(batch: QueuedBatch): void {
    this.#waiting.shift()
    this.#context.onReleased(batch.heldBytes)
  }
}
