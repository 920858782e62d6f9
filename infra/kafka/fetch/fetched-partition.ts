// One partition of a fetcher: it wants to be fetched, is asked for, or has a record set, from which items are taken. When the last item of a set
// is taken, the next fetch starts: that is the only read-ahead.
//
//   wanted -> asked -> fetched -> wanted            pausing: after an error, until the leaders are read again
//               |-> pausing -> wanted               lost: its offset is not in the log
//               '-> lost -> wanted
import { orAborted } from '../../waiting/signals.js'
import { Backoff } from '../../waiting/backoff.js'
import { messageOf } from '../../process/errors.js'
import { Waiters } from '../../waiting/waiters.js'
import { KafkaRefusedError, KafkaTopicError } from '../kafka-errors.js'
import type { Fetched, FetchedBatch } from './fetched.js'
import type { FetchContext } from './fetch-context.js'
import type { FetchedPartitionAnswer, FetchPlace } from './fetch-request.js'
import { FetchedRecords } from './fetched-records.js'
import type { FrameLease } from './held-bytes.js'
import { type ReadBatches, readBatches } from './read-batches.js'
import { type Damage, RecordSet } from './record-set.js'

type State = 'wanted' | 'asked' | 'fetched' | 'pausing' | 'lost'

/** Error codes of a partition. See https://kafka.apache.org/protocol#protocol_error_codes */
const OFFSET_OUT_OF_RANGE = 1
const UNKNOWN_TOPIC = 3
const TOPIC_REFUSED = 29

/** Answers of the same kind until `next` rejects: a topic that was created a moment ago is not known to every broker. */
const PERSISTENT_ATTEMPTS = 4
/** Of a damaged batch, for people. */
const MOST_DAMAGED_BYTES = 4_096

/** A partition of a fetcher. */
export class FetchedPartition implements FetchPlace {
  readonly topic: string
  readonly partition: number
  /** Where the next fetch starts. */
  position: number
  /** When it last had records. */
  fetchedAtMs = 0
  /** In its next request it must be the first: only there a large batch is whole. */
  mustBeFirst = false
  readonly #context: FetchContext
  readonly #backoff = new Backoff(50, 2_000)
  readonly #changed = new Waiters()
  #state: State = 'wanted'
  /** Increases when what was asked for is no longer wanted. */
  #epoch = 0
  #isEnded = false
  #set: RecordSet | undefined
  #frame: FrameLease | undefined
  /** The batch that was yielded last, until it is released. */
  #given: FetchedRecords | undefined
  #outcome: Fetched | undefined
  #failure: Error | undefined
  /** Position at which a damaged batch was found once. */
  #suspect = -1
  #lastDamage = { base: -1n, attempts: 0 }
  #highWatermark = -1
  #logStart = -1
  #lagAtMs = performance.now()

  constructor(context: FetchContext, topic: string, partition: number, position: number) {
    this.#context = context
    this.topic = topic
    this.partition = partition
    this.position = position
  }

  get isWanted(): boolean {
    return this.#state === 'wanted'
  }

  /** To pass with an answer: one for an earlier epoch is dropped. */
  get epoch(): number {
    return this.#epoch
  }

  /** True if its offset is not in the log: `resolve` it. */
  get isLost(): boolean {
    return this.#state === 'lost'
  }

  /** True if it is not fetched and its lag is old. */
  get isLagStale(): boolean {
    return this.#state === 'fetched' && performance.now() - this.#lagAtMs > this.#context.lagMs
  }

  /** True while a request for it, or for its offsets, is in flight. */
  get isUnanswered(): boolean {
    return this.#state === 'asked' || this.#state === 'lost'
  }

  /** It is in a request. @returns to pass with the answer */
  ask(): number {
    this.#state = 'asked'
    return this.#epoch
  }

  /** @param isFirst true if it was the first of its request */
  answered(asked: number, answer: FetchedPartitionAnswer, frame: FrameLease, isFirst: boolean): void {
    if (asked !== this.#epoch) return
    if (answer.errorCode !== 0) return this.#refused(asked, answer.errorCode)
    this.#backoff.reset()
    this.#highWatermark = answer.highWatermark
    this.#logStart = answer.logStart
    this.mustBeFirst = false
    const { recordSet: bytes, highWatermark, aborted } = answer
    const set = new RecordSet({ bytes, position: this.position, highWatermark, aborted })
    if (bytes.length === 0) this.#want()
    else if (set.isCut) this.#cut(set, isFirst)
    else {
      frame.retain()
      this.#frame = frame
      this.#set = set
      this.fetchedAtMs = performance.now()
      this.#state = 'fetched'
      this.#changed.wake()
    }
    this.#reportLag()
  }

  /** The request failed. It is fetched again after a pause, from the leader by then. */
  failed(asked: number, error: unknown): void {
    if (asked !== this.#epoch) return
    this.#state = 'pausing'
    this.#context.log.debug({ topic: this.topic, partition: this.partition, error: messageOf(error) }, 'a partition could not be fetched')
    void this.#retryLater(asked)
  }

  /** The log starts and ends there. */
  resolve(asked: number, logStart: number, end: number): void {
    if (asked !== this.#epoch) return
    const from = this.position
    if (from < logStart) this.#reset(logStart, logStart - from)
    else if (from > end) this.#reset(end, 0)
    this.#want()
  }

  /** The end of the log, while it is not fetched; undefined if the broker does not say. */
  listed(highWatermark: number | undefined): void {
    if (highWatermark !== undefined) this.#highWatermark = highWatermark
    this.#reportLag()
  }

  /** Drops what is fetched and continues there. */
  seek(position: number): void {
    this.#forget()
    this.position = position
    this.#want()
  }

  /** Drops what is fetched, for good. */
  end(): void {
    this.#forget()
    this.#isEnded = true
    this.#changed.wake()
    const { topic, partition, position } = this
    this.#context.onLag({ topic, partition, highWatermark: position, logStart: this.#logStart, position, timestampMs: null })
  }

  /** See Fetcher.next. */
  async next(signal: AbortSignal): Promise<Fetched> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#isEnded) throw new Error(`${this.topic}/${String(this.partition)} is no longer fetched`)
      const outcome = this.#outcome
      this.#outcome = undefined
      const item = outcome ?? (await this.#readSet(signal))
      if (item !== undefined) return item
      const failure = this.#failure
      this.#failure = undefined
      if (failure !== undefined) throw failure
      if (this.#outcome === undefined && this.#set === undefined && !this.#isEnded) await orAborted(this.#changed.next(), signal)
    }
  }

  async #readSet(signal: AbortSignal): Promise<Fetched | undefined> {
    const set = this.#set
    const frame = this.#frame
    if (set === undefined || frame === undefined) return undefined
    const epoch = this.#epoch
    const { held, itemBytes } = this.#context
    const from = set.position
    frame.retain()
    try {
      const read = await readBatches(set, held, itemBytes(), signal)
      if (epoch !== this.#epoch) {
        held.giveUnpacked(read.unpackedBytes)
        return undefined
      }
      const batch = this.#batchOf(read, frame)
      this.#settle(set)
      this.#reportLag()
      const isBehind = set.position < this.#highWatermark
      if (batch !== undefined) return { kind: 'records', batch, nextOffset: set.position, isBehind }
      return set.position > from ? { kind: 'passed', nextOffset: set.position } : undefined
    } finally {
      frame.release()
    }
  }

  #batchOf({ parts, unpackedBytes, isInFrame }: ReadBatches, frame: FrameLease): FetchedBatch | undefined {
    const [first, ...rest] = parts
    if (first === undefined) return undefined
    const { held, kept, keyOf } = this.#context
    if (isInFrame) frame.retain()
    const batch = new FetchedRecords(keyOf(this.topic), this.partition, [first, ...rest], () => {
      if (isInFrame) frame.release()
      held.giveUnpacked(unpackedBytes)
      kept.delete(batch)
      if (this.#given === batch) this.#given = undefined
    })
    this.#given = batch
    kept.add(batch)
    return batch
  }

  // Starts the next fetch as soon as nothing is left in the set.
  #settle(set: RecordSet): void {
    const { damage, isAtEnd } = set
    if (damage === undefined && !isAtEnd) return
    this.#releaseSet()
    this.position = set.position
    if (damage !== undefined) this.#damaged(damage)
    this.#want()
  }

  #cut(set: RecordSet, isFirst: boolean): void {
    if (isFirst) {
      set.damaged('the batch is longer than the answer', undefined, false)
      if (set.damage !== undefined) this.#damaged(set.damage)
    }
    this.mustBeFirst = true
    this.#want()
  }

  // The first time, the wire may have damaged it.
  #damaged({ firstOffset, nextOffset = 0, reason, bytes }: Damage): void {
    const { counters } = this.#context
    const { position } = this
    if (this.#suspect !== position) {
      this.#suspect = position
      this.mustBeFirst = true
      counters.refetchedBatches++
      return
    }
    counters.damagedBatches++
    const to = Math.max(nextOffset, Math.min(position + this.#stepAfter(bytes), Math.max(this.#highWatermark, position + 1)))
    this.position = to
    this.#outcome = { kind: 'damaged', firstOffset, nextOffset: to, reason, bytes: Uint8Array.from(bytes.subarray(0, MOST_DAMAGED_BYTES)) }
    this.#changed.wake()
  }

  // If even the offsets of a batch are damaged, the broker sends it again for the next offset: the step grows until it is passed.
  #stepAfter(bytes: Uint8Array): number {
    const base = bytes.length < 8 ? -1n : new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0)
    const last = this.#lastDamage
    this.#lastDamage = { base, attempts: base === last.base ? last.attempts + 1 : 0 }
    return 2 ** Math.min(this.#lastDamage.attempts, 40)
  }

  #refused(asked: number, errorCode: number): void {
    if (errorCode === OFFSET_OUT_OF_RANGE) {
      this.#state = 'lost'
      return
    }
    if (this.#backoff.attempts >= PERSISTENT_ATTEMPTS) {
      const place = `${this.topic}/${String(this.partition)}`
      if (errorCode === TOPIC_REFUSED) this.#failure = new KafkaRefusedError(`no access to ${place}`)
      if (errorCode === UNKNOWN_TOPIC) this.#failure = new KafkaTopicError(`${place} does not exist`)
      this.#changed.wake()
    }
    this.failed(asked, `error code ${String(errorCode)}`)
  }

  async #retryLater(asked: number): Promise<void> {
    const { signal, refresh } = this.#context
    await this.#backoff.wait(signal)
    await refresh()
    if (asked === this.#epoch && this.#state === 'pausing' && !signal.aborted) this.#want()
  }

  #reset(to: number, records: number): void {
    this.#outcome = { kind: 'reset', from: this.position, to, records }
    this.position = to
    this.#changed.wake()
  }

  #want(): void {
    if (this.#isEnded) return
    this.#state = 'wanted'
    this.#context.onWanted()
  }

  #forget(): void {
    this.#epoch++
    this.#releaseSet()
    this.#outcome = undefined
    this.#failure = undefined
    this.#suspect = -1
    this.#backoff.reset()
  }

  #releaseSet(): void {
    this.#frame?.release()
    this.#frame = undefined
    this.#set = undefined
  }

  #reportLag(): void {
    if (this.#isEnded) return
    const { topic, partition } = this
    this.#lagAtMs = performance.now()
    this.#context.onLag({
      topic,
      partition,
      highWatermark: this.#highWatermark,
      logStart: this.#logStart,
      position: this.#given?.firstOffset ?? this.#set?.position ?? this.position,
      timestampMs: this.#given?.firstTimestampMs ?? this.#set?.nextTimestampMs ?? null,
    })
  }
}
