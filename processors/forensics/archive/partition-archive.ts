// One partition while a function archives it: the object that grows, and those that are stored and committed, one after the other.
//
//    from <= records of objects that are cut <= records of the open object < next
//
// The entry of an object and the offset after it are committed in one step, so what is not committed is archived again, by whoever reads the partition
// then; an object without an entry is not part of the archive.
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import { Backoff } from '../../../infra/waiting/backoff.js'
import type { Clock } from '../../../infra/waiting/clock.js'
import type { AssignedPartition, OffsetRange } from '../../../infra/topic-log/topic-log.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry, OffsetGap } from '../../../schemas/generated/types.js'
import type { ArchiveTopic } from '../columns.js'
import type { ObjectStore } from '../objects/object-store.js'
import type { ObjectWriter, ObjectWriters, WrittenObject } from '../parquet/object-writer.js'
import type { ArchivedRecord } from '../parquet/record-buffer.js'
import type { ArchiveMetrics } from './archive-metrics.js'
import { objectNameOf } from './object-name.js'

/** Gaps that an entry names, at most: the object is cut then. */
const MOST_GAPS = 20_000
/** Age of an object from which it is stored again before it is entered, microseconds: far below that at which objects without an entry are removed. */
const STORE_AGAIN_US = 3_600_000_000
/** Metadata of a commit: where the next entry begins, and which offsets from there on were skipped, with the first letter of the reason. */
const METADATA = /^from=(\d{1,16})((?: [de]\d{1,16}-\d{1,16})*)$/
/** Skipped ranges that metadata hold: Kafka takes 4,096 bytes. Older ones count as absent. */
const MOST_SKIPPED = 80

/** Where the next entry of a partition begins, by its last commit. */
export function nextEntryOf(metadata: string, committed: number): number {
  return Math.min(Number(METADATA.exec(metadata)?.[1] ?? committed), committed)
}

/** What it needs. */
export interface PartitionArchiveDeps {
  readonly codec: Codec
  readonly writers: ObjectWriters
  readonly store: ObjectStore
  readonly metrics: ArchiveMetrics
  readonly log: Logger
  readonly clock: Clock
  /** Memory became free. */
  readonly onFreed: () => void
}

/** An object that takes no more records. */
interface CutObject {
  readonly firstOffset: number
  readonly nextOffset: number
  readonly gaps: readonly OffsetGap[]
  readonly writer: ObjectWriter
}

export class PartitionArchive {
  readonly assigned: AssignedPartition
  readonly #topic: ArchiveTopic
  readonly #deps: PartitionArchiveDeps
  readonly #end = new AbortController()
  readonly #cut: CutObject[] = []
  /** First offset of the next entry that is committed. */
  #from: number
  /** First offset of the open object, and the offset after its last record. */
  #start: number
  #next: number
  #gaps: OffsetGap[] = []
  #skipped: { readonly offsets: OffsetRange; readonly reason: 'expired' | 'damaged' }[] = []
  #open: ObjectWriter | undefined
  #openedUs = 0
  #isStoring = false
  /** Grows when what was taken is read again. */
  round = 0

  constructor(assigned: AssignedPartition, topic: ArchiveTopic, deps: PartitionArchiveDeps) {
    this.assigned = assigned
    this.#topic = topic
    this.#deps = deps
    this.#from = this.#start = this.#next = nextEntryOf(assigned.metadata, assigned.nextOffset)
    const [, , skipped = ''] = METADATA.exec(assigned.metadata) ?? []
    for (const [, letter, first, next] of skipped.matchAll(/([de])(\d+)-(\d+)/g))
      this.skip([Number(first), Number(next)], letter === 'd' ? 'damaged' : 'expired')
  }

  /** Stored with each commit: offsets between it and the committed one have no records. */
  get metadata(): string {
    return this.#metadataFrom(this.#from)
  }

  /** Bytes of memory, of all objects. */
  get heldBytes(): number {
    return this.#cut.reduce((sum, { writer }) => sum + writer.heldBytes, this.#open?.heldBytes ?? 0)
  }

  /** Objects wait to be stored and entered. */
  get isStoring(): boolean {
    return this.#cut.length > 0
  }

  get openBytes(): number {
    return this.#open?.bytes ?? 0
  }

  /** When its open object was begun, microseconds; Infinity for none. */
  get openedUs(): number {
    return this.#open === undefined ? Infinity : this.#openedUs
  }

  /** Takes a record. One that it has already is ignored: batches are repeated after failures. */
  add(record: ArchivedRecord): void {
    const { offset } = record
    if (offset < this.#next) return
    if (this.#open === undefined) {
      this.#open = this.#deps.writers.begin(this.#topic)
      this.#openedUs = this.#deps.clock.nowUs()
    }
    this.#open.add(record)
    if (offset > this.#next) this.#addGaps(this.#next, offset)
    this.#next = offset + 1
    if (this.#gaps.length >= MOST_GAPS) this.cut()
  }

  /** The log will not deliver these. */
  skip(offsets: OffsetRange, reason: 'expired' | 'damaged'): void {
    const others = this.#skipped.filter((one) => one.offsets[1] <= offsets[0] || one.offsets[0] >= offsets[1])
    this.#skipped = [...others, { offsets, reason }].sort((a, b) => a.offsets[0] - b.offsets[0]).slice(-MOST_SKIPPED)
  }

  /** Ends the open object, and stores it after those before it. */
  cut(): void {
    const writer = this.#open
    if (writer === undefined) return
    this.#cut.push({ firstOffset: this.#start, nextOffset: this.#next, gaps: this.#gaps, writer })
    this.#open = undefined
    this.#start = this.#next
    this.#gaps = []
    if (!this.#isStoring) void this.#storeAll()
  }

  /** Drops what is not committed, and ends what waits. */
  close(): void {
    this.#end.abort()
    this.#drop()
  }

  async #storeAll(): Promise<void> {
    this.#isStoring = true
    try {
      for (let object = this.#cut[0]; object !== undefined && !this.#end.signal.aborted; object = this.#cut[0]) {
        const isCommitted = await this.#store(object)
        if (this.#end.signal.aborted) return
        if (!isCommitted) return this.#again()
        this.#cut.shift()
        this.#deps.onFreed()
      }
    } catch (error) {
      // A mistake of ours: reading starts again at what is not committed.
      this.#deps.log.error({ ...this.#place, err: error }, 'an object of the archive could not be made')
      if (!this.#end.signal.aborted) this.#again()
    } finally {
      this.#isStoring = false
    }
  }

  /** @returns false when it can't be committed any more */
  async #store({ firstOffset, nextOffset, gaps, writer }: CutObject): Promise<boolean> {
    const { codec, clock, metrics, store } = this.#deps
    const written = writer.finish()
    const createdUs = clock.nowUs()
    const { topic, partition } = this.assigned
    const object = objectNameOf({ topic, partition, firstOffset, sha256: written.facts.sha256 }, createdUs / 1000)
    await this.#repeated('stored', () => store.put(object, written.content))
    if (this.#end.signal.aborted) return false
    const entry = { object, topic: TOPICS[topic].name, partition, firstOffset, nextOffset, ...written.facts, gaps: [...gaps], createdUs }
    const value = codec.encode('archive', entry)
    const output = { topic: 'archive' as const, key: Buffer.from(object), value, timestampMs: Math.floor(createdUs / 1000) }
    const metadata = this.#metadataFrom(nextOffset)
    let storedUs = createdUs
    const isCommitted = await this.#repeated('entered', async () => {
      // An object that has no entry for long is removed.
      if (clock.nowUs() - storedUs > STORE_AGAIN_US) {
        await store.put(object, written.content)
        storedUs = clock.nowUs()
      }
      return await this.assigned.finish({ nextOffset, metadata, outputs: [output] })
    })
    if (isCommitted !== true) return false
    this.#from = nextOffset
    this.#skipped = this.#skipped.filter(({ offsets }) => offsets[1] > nextOffset)
    this.#count(entry, written, metrics)
    return true
  }

  #count(entry: ArchiveEntry, { facts }: WrittenObject, metrics: ArchiveMetrics): void {
    metrics.objects(this.#topic).add()
    metrics.records(this.#topic).add(facts.records)
    metrics.bytes(this.#topic).add(facts.bytes)
    const { object, records, bytes, firstOffset, nextOffset } = entry
    this.#deps.log.debug({ object, records, bytes, firstOffset, nextOffset }, 'an object is archived')
  }

  /** Does it until it succeeds, or the partition ends: then it returns undefined. */
  async #repeated<Value>(what: 'stored' | 'entered', work: () => Promise<Value>): Promise<Value | undefined> {
    const { clock, log, metrics } = this.#deps
    const { signal } = this.#end
    const backoff = new Backoff(100, 30_000)
    while (!signal.aborted) {
      try {
        return await work()
      } catch (error) {
        const pauseMs = backoff.next()
        metrics.failures(what).add()
        log.warn(
          { ...this.#place, attempt: backoff.attempts, error: messageOf(error) },
          `an object could not be ${what}, it is tried again`,
        )
        await clock.sleep(pauseMs, signal)
      }
    }
    return undefined
  }

  /** Nobody knows what is committed, or nothing is: it is read again. */
  #again(): void {
    this.round++
    this.#drop()
    this.assigned.rewind()
  }

  #drop(): void {
    this.#cut.length = 0
    this.#open = undefined
    this.#gaps = []
    this.#start = this.#next = this.#from
    this.#deps.onFreed()
  }

  /** Offsets without a record, with the reason of each part. */
  #addGaps(from: number, to: number): void {
    let at = from
    const add = (end: number, reason: OffsetGap['reason']): void => {
      if (end > at) this.#gaps.push({ firstOffset: at, nextOffset: end, reason })
      at = Math.max(at, end)
    }
    for (const { offsets, reason } of this.#skipped) {
      add(Math.min(offsets[0], to), 'absent')
      add(Math.min(offsets[1], to), reason)
    }
    add(to, 'absent')
  }

  #metadataFrom(from: number): string {
    const skipped = this.#skipped.filter(({ offsets }) => offsets[1] > from)
    return [`from=${String(from)}`, ...skipped.map(({ offsets, reason }) => `${reason.slice(0, 1)}${offsets.join('-')}`)].join(' ')
  }

  get #place(): { readonly topic: string; readonly partition: number } {
    return { topic: this.#topic, partition: this.assigned.partition }
  }
}
