// The records of one topic in memory: chunks, and the groups that read them. Records are removed when every group has passed them.
// Without a group, the oldest are removed at the bound, as by size-based retention.
import type { RecordContent } from '../topic-log.js'
import type { TopicKey } from '../topics.js'
import { Chunk, MemoryBatch, recordBytes } from './chunk.js'

/** A group's place in a topic. */
export interface GroupPlace {
  /** Records below this offset are finished. */
  committed: number
  /** Stored with it. */
  metadata: string
  /** A consumer of the group is reading; only one may at a time. */
  isTaken: boolean
}

/** The records of one topic. */
export class TopicRecords {
  readonly topic: TopicKey
  readonly #boundBytes: number
  readonly #chunkBytes: number
  readonly #chunks: Chunk[] = []
  readonly #groups = new Map<string, GroupPlace>()
  #bytes = 0
  #nextOffset = 0
  #expired = 0

  constructor(topic: TopicKey, boundBytes: number, chunkBytes: number) {
    this.topic = topic
    this.#boundBytes = boundBytes
    this.#chunkBytes = chunkBytes
  }

  /** Bytes of the records that not every group has passed. */
  get bytes(): number {
    return this.#bytes
  }
  /** Offset that the next record gets. */
  get nextOffset(): number {
    return this.#nextOffset
  }
  /** Records dropped at the bound because no group reads the topic. */
  get expired(): number {
    return this.#expired
  }
  /** Every group has finished the records below this offset. */
  get finishedOffset(): number {
    let lowest = this.#nextOffset
    for (const { committed } of this.#groups.values()) lowest = Math.min(lowest, committed)
    return lowest
  }
  get hasGroups(): boolean {
    return this.#groups.size > 0
  }
  /** The bound is reached: appenders must wait. */
  get isOverBound(): boolean {
    return this.hasGroups && this.#bytes >= this.#boundBytes
  }
  /** At most half of the bound is used: appenders may continue. */
  get hasDrained(): boolean {
    return !this.hasGroups || this.#bytes <= this.#boundBytes / 2
  }

  /** Whether `bytes` more stay within the hard bound, twice the bound. Without a group, only a record above the bound has no room. */
  hasRoom(bytes: number): boolean {
    return this.#groups.size === 0 ? bytes <= this.#boundBytes : this.#bytes + bytes <= this.#boundBytes * 2
  }

  /** Copies a record. The caller has checked `hasRoom`. */
  append(record: RecordContent): void {
    const size = recordBytes(record)
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || !chunk.hasRoom(size)) {
      chunk = new Chunk(this.#nextOffset, Math.max(size, this.#chunkBytes))
      this.#chunks.push(chunk)
    }
    chunk.append(record)
    this.#bytes += size
    this.#nextOffset++
    if (this.#groups.size === 0) this.#expire()
  }

  /** The group's place; a new group starts at the oldest record or after the newest. */
  place(group: string, from: 'earliest' | 'latest'): GroupPlace {
    let place = this.#groups.get(group)
    if (place === undefined) {
      const committed = from === 'earliest' ? (this.#chunks[0]?.passedOffset ?? this.#nextOffset) : this.#nextOffset
      place = { committed, metadata: '', isTaken: false }
      this.#groups.set(group, place)
      this.#dropPassed()
    }
    return place
  }

  /** Bytes that a commit of `nextOffset` frees; 0 while another group lags. */
  freedBy(place: GroupPlace, nextOffset: number): number {
    for (const other of this.#groups.values()) if (other !== place && other.committed < nextOffset) return 0
    return this.#chunks.reduce((bytes, chunk) => bytes + chunk.bytesTo(nextOffset), 0)
  }

  /** Commits an offset and drops records that every group has passed. */
  commit(place: GroupPlace, nextOffset: number, metadata = ''): void {
    place.committed = nextOffset
    place.metadata = metadata
    this.#dropPassed()
  }

  /** Records of one chunk from `offset` on, about `maxBytes` but at least one record; null if there is none yet. */
  read(offset: number, maxBytes: number): MemoryBatch | null {
    const chunk = this.#chunks.find((each) => offset < each.nextOffset)
    if (chunk === undefined) return null
    let start = offset >= chunk.passedOffset ? chunk.passedBytes : 0
    for (let at = offset >= chunk.passedOffset ? chunk.passedOffset : chunk.firstOffset; at < offset; at++) start = chunk.next(start)
    let end = start
    let count = 0
    const left = chunk.nextOffset - offset
    while (count < left) {
      const next = chunk.next(end)
      if (count > 0 && next - start > maxBytes) break
      end = next
      count++
    }
    return new MemoryBatch(this.topic, chunk, start, offset, count)
  }

  #dropPassed(): void {
    const lowest = this.finishedOffset
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      this.#bytes -= chunk.pass(lowest)
      // The last chunk remains for new records.
      if (this.#chunks.length === 1 || chunk.passedOffset < chunk.nextOffset) return
      this.#chunks.shift()
    }
  }

  #expire(): void {
    for (let chunk = this.#chunks[0]; chunk !== undefined && this.#bytes > this.#boundBytes; chunk = this.#chunks[0]) {
      if (this.#chunks.length === 1) return
      this.#expired += chunk.length
      this.#bytes -= chunk.used
      this.#chunks.shift()
    }
  }
}

/** Bounds and retries of a memory log. */
export interface MemoryLogConfig {
  /** Bytes that the slowest group of a topic may lag before appenders must wait. At twice the bound, records are refused. */
  readonly topicBytes: number
  /** Bytes of one chunk, which is dropped when all groups have passed it. */
  readonly chunkBytes: number
  /** Pause before the first retry of a batch; doubles with each failure up to `maxRetryMs`. Milliseconds. */
  readonly retryMs: number
  readonly maxRetryMs: number
}

/** 16 MiB per topic: about 25,000 events. */
export const DEFAULT_MEMORY_LOG: MemoryLogConfig = { topicBytes: 16 * 1024 * 1024, chunkBytes: 256 * 1024, retryMs: 100, maxRetryMs: 5_000 }
