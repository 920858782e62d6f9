// The batches of one partition on their way to its leader: one is filled, the full ones wait, at most one is in flight. A batch keeps its frame
// and its sequence until the broker has it, so whatever is sent twice is written once. Knows no other partition.
import { messageOf } from '../../errors.js'
import type { Logger } from '../../logger.js'
import { Backoff } from '../backoff.js'
import type { BatchCompressor } from '../compression.js'
import type { AckOrder, AckTicket } from './ack-order.js'
import { DESCRIBE_PRODUCERS, describeProducersRequest, parseLastSequence } from './describe-producers-request.js'
import type { FramePool } from './frame-pool.js'
import { DUPLICATE_SEQUENCE, isInLog, produceOutcome, sequenceAfter } from './produce-outcome.js'
import type { ProduceTransport, ProducerIdentity, TransportConnection } from './produce-transport.js'
import { PRODUCE, parseProduceAnswer, stampProduceHead } from './produce-request.js'
import type { PublisherCounters } from './publisher-counters.js'
import { BATCH_HEADER_BYTES, MOST_RECORD_OVERHEAD, RecordBatchWriter } from './record-batch.js'

/** What the queues of a publisher share. */
export interface QueueContext {
  readonly cluster: ProduceTransport
  readonly clientId: string
  readonly compressor: BatchCompressor | undefined
  readonly pool: FramePool
  readonly counters: PublisherCounters
  readonly log: Logger
  /** Ends waiting and retrying. */
  readonly signal: AbortSignal
  /** The identity that queues start with. */
  readonly producer: () => ProducerIdentity
  /** Bytes of records that are held no longer. */
  readonly onReleased: (bytes: number) => void
  /** A sending failed (with the reason) or succeeded (undefined), for the one line that tells of an outage. */
  readonly onAttempt: (error: unknown) => void
}

interface Batch {
  readonly writer: RecordBatchWriter
  readonly ticket: AckTicket
  lastMark: number
  /** What its records count in the publisher's bound: bytes before compression. */
  heldBytes: number
  /** Its time is over; it fills further only while others are before it. */
  hasLingered: boolean
  /** Compressed, or left plain. */
  isReady: boolean
  attempts: number
  producer: ProducerIdentity | undefined
  sequence: number
}

/** No answer of the broker: the connection failed. */
const NO_ANSWER = -1

export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly #context: QueueContext
  readonly #head: Buffer
  readonly #order: AckOrder
  readonly #backoff = new Backoff(50, 2_000)
  #open: Batch | undefined
  readonly #waiting: Batch[] = []
  #isBusy = false
  #producer: ProducerIdentity | undefined
  #nextSequence: number
  #connection: TransportConnection | undefined

  /** @param firstSequence 0 but in tests of the wrap at 2^31 */
  constructor(context: QueueContext, topic: string, partition: number, head: Buffer, order: AckOrder, firstSequence = 0) {
    this.#context = context
    this.topic = topic
    this.partition = partition
    this.#head = head
    this.#order = order
    this.#nextSequence = firstSequence
  }

  /** Takes one record. Gives the bytes that it counts in the bound. */
  append(key: Uint8Array, source: Uint8Array, start: number, end: number, timestampMs: number, mark: number): number {
    const bytes = key.length + end - start + MOST_RECORD_OVERHEAD
    let batch = this.#open
    if (batch === undefined || !batch.writer.fits(key.length, end - start)) {
      if (batch !== undefined) this.seal()
      batch = this.#begin(bytes)
    }
    batch.writer.append(key, source, start, end, timestampMs)
    batch.heldBytes += bytes
    batch.lastMark = mark
    this.#order.append(mark)
    return bytes
  }

  /** The linger time is over: sends what is open, or lets it fill further until those before it are through. */
  lingered(): void {
    if (this.#open === undefined) return
    if (this.#isBusy || this.#waiting.length > 0) this.#open.hasLingered = true
    else this.seal()
  }

  /** Sends what is open as soon as it is its turn. */
  seal(): void {
    const batch = this.#open
    if (batch === undefined) return
    this.#open = undefined
    this.#waiting.push(batch)
    const { compressor } = this.#context
    if (compressor === undefined) {
      batch.isReady = true
      this.#pump()
      return
    }
    compressor.compress(batch.writer.records).then(
      (compressed) => {
        batch.writer.replaceRecords(compressed, compressor.attributes)
        batch.isReady = true
        this.#pump()
      },
      (error: unknown) => {
        // Plain records are as good, only larger.
        this.#context.log.warn({ topic: this.topic, error: messageOf(error) }, 'a batch could not be compressed, it is sent plain')
        batch.isReady = true
        this.#pump()
      },
    )
  }

  #begin(firstBytes: number): Batch {
    const frame = this.#context.pool.take(this.#head.length + BATCH_HEADER_BYTES + firstBytes)
    this.#head.copy(frame)
    const batch: Batch = {
      writer: new RecordBatchWriter(frame, this.#head.length),
      ticket: this.#order.begin(),
      lastMark: -1,
      heldBytes: 0,
      hasLingered: false,
      isReady: false,
      attempts: 0,
      producer: undefined,
      sequence: 0,
    }
    this.#open = batch
    return batch
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

  /** Sends a batch until the broker has it or refuses it for good; false when the publisher ended before. Never rejects. */
  async #deliver(batch: Batch): Promise<boolean> {
    const { counters, signal } = this.#context
    for (;;) {
      if (signal.aborted) return false
      const errorCode = await this.#attempt(batch)
      const outcome = errorCode === NO_ANSWER ? 'retry' : produceOutcome(errorCode, batch.attempts)
      if (outcome === 'acked') {
        if (errorCode === DUPLICATE_SEQUENCE) counters.duplicates++
        this.#acked(batch)
        return true
      }
      if (outcome === 'refused') {
        this.#refused(batch, errorCode)
        return true
      }
      if (!(await this.#backoff.wait(signal))) return false
      await this.#context.cluster.refresh().catch((error: unknown) => this.#context.onAttempt(error))
      this.#connection = undefined
      if (outcome === 'verify' && (await this.#verify(batch))) return true
    }
  }

  /** One sending. Gives the broker's error code, or NO_ANSWER. */
  async #attempt(batch: Batch): Promise<number> {
    const { cluster, counters, onAttempt } = this.#context
    const { writer } = batch
    try {
      if (batch.producer === undefined) this.#stamp(batch)
      if (this.#connection?.isConnected() !== true) this.#connection = await cluster.leaderConnection(this.topic, this.partition)
      if (batch.attempts++ > 0) counters.retries++
      const payload = await cluster.sendFrame(this.#connection, PRODUCE, writer.frame.subarray(0, writer.end))
      const { errorCode, throttleMs } = parseProduceAnswer(payload)
      cluster.throttle(this.#connection, throttleMs)
      const outcome = produceOutcome(errorCode, batch.attempts)
      onAttempt(outcome === 'retry' ? new Error(`${this.topic}/${String(this.partition)}: broker's error ${String(errorCode)}`) : undefined)
      return errorCode
    } catch (error) {
      if (this.#connection !== undefined) cluster.drop(this.#connection)
      this.#connection = undefined
      onAttempt(error)
      return NO_ANSWER
    }
  }

  #stamp(batch: Batch): void {
    this.#producer ??= this.#context.producer()
    batch.producer = this.#producer
    batch.sequence = this.#nextSequence
    this.#nextSequence = sequenceAfter(this.#nextSequence, batch.writer.count)
    batch.writer.finish(batch.producer.id, batch.producer.epoch, batch.sequence)
    stampProduceHead(batch.writer.frame, this.#head.length, this.partition, batch.writer.end)
  }

  /**
   * The broker refused the sequence. Either the batch is in the log and the broker forgot it (it remembers five batches, and only one over a
   * crash behind a new segment), or the log lost what it had acknowledged. True when it is in the log.
   */
  async #verify(batch: Batch): Promise<boolean> {
    const { cluster, counters, clientId, log } = this.#context
    const { producer } = batch
    if (producer === undefined) return false
    try {
      const connection = await cluster.leaderConnection(this.topic, this.partition)
      const request = describeProducersRequest(clientId, this.topic, this.partition)
      const last = parseLastSequence(await cluster.sendFrame(connection, DESCRIBE_PRODUCERS, request), producer.id, producer.epoch)
      if (isInLog(last, batch.sequence, batch.writer.count)) {
        counters.foundInLog++
        this.#acked(batch)
        return true
      }
      // A last resort: what the log lost stays lost, and what is sent from here on can't be told from a repeat by the broker.
      const fresh = await cluster.initProducer()
      counters.producerResets++
      log.warn(
        { topic: this.topic, partition: this.partition, lastSequence: last, sequence: batch.sequence },
        'new producer id for a partition',
      )
      this.#producer = fresh
      this.#nextSequence = 0
      batch.producer = undefined
    } catch (error) {
      this.#context.onAttempt(error)
    }
    return false
  }

  #acked(batch: Batch): void {
    this.#context.counters.batches++
    this.#backoff.reset()
    this.#release(batch)
    this.#order.settle(batch.ticket, batch.writer.count)
    // A frame that was sent more than once may still be read by an old socket.
    if (batch.attempts === 1) this.#context.pool.give(batch.writer.frame)
  }

  #refused(batch: Batch, errorCode: number): void {
    const { count } = batch.writer
    this.#context.counters.refusedRecords += count
    // The broker did not take the sequence: the next batch has it.
    this.#nextSequence = batch.sequence
    this.#release(batch)
    this.#order.lose(batch.ticket, count, batch.lastMark, `refused by the broker with error ${String(errorCode)}`)
  }

  #release(batch: Batch): void {
    this.#waiting.shift()
    this.#context.onReleased(batch.heldBytes)
  }
}
