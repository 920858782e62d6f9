// Partitions and objects of the archive from arrays, for tests of what reads the past.
import type { PartitionBounds, PartitionRange, RangeReader } from '../../../infra/topic-log/range-reader.js'
import { selectRecords } from '../../../infra/topic-log/selected-batch.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import type { Slice } from '../../../processors/forensics/history/history.js'
import type { ArchiveSource } from '../../../processors/forensics/history/logged-history.js'
import { ObjectMissingError } from '../../../processors/forensics/objects/object-store.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import { ArrayBatch } from '../records/array-batch.js'

/** A record of a partition. */
export interface PastRecord {
  readonly offset: number
  readonly timestampMs: number
  readonly key: string
  readonly value: Uint8Array
}

/** A partition of a topic. */
export interface PastPartition {
  readonly topic: TopicKey
  readonly partition: number
  /** First offset that is kept. */
  readonly first: number
  readonly end: number
  /** All that ever was in it, also before `first`. */
  readonly records: readonly PastRecord[]
}

const BATCH_RECORDS = 7

/** Topics from arrays. */
export class ArrayRanges implements RangeReader {
  readonly #partitions: readonly PastPartition[]

  constructor(partitions: readonly PastPartition[]) {
    this.#partitions = partitions
  }

  bounds(topics: readonly TopicKey[]): Promise<readonly PartitionBounds[]> {
    const found = topics.flatMap((wanted) => this.#partitions.filter(({ topic }) => topic === wanted))
    return Promise.resolve(found.map(({ topic, partition, first, end }) => ({ topic, partition, first, end })))
  }

  firstAt(bounds: readonly PartitionBounds[], timestampMs: number): Promise<readonly number[]> {
    const firstOf = (place: PartitionBounds): number => {
      const kept = this.#of(place).records.filter(({ offset }) => offset >= place.first && offset < place.end)
      return kept.find((record) => record.timestampMs >= timestampMs)?.offset ?? place.end
    }
    return Promise.resolve(bounds.map(firstOf))
  }

  async *read({ topic, partition, from, to }: PartitionRange): AsyncGenerator<RecordBatch> {
    await Promise.resolve()
    const { first, records } = this.#of({ topic, partition })
    yield* batchesOf(
      topic,
      records.filter(({ offset }) => offset >= Math.max(first, from) && offset < to),
    )
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #of(place: Pick<PartitionBounds, 'topic' | 'partition'>): PastPartition {
    const found = this.#partitions.find(({ topic, partition }) => topic === place.topic && partition === place.partition)
    if (found === undefined) throw new Error('there is no such partition')
    return found
  }
}

/** Objects from arrays. */
export class ArrayArchive implements ArchiveSource {
  #entries: ArchiveEntry[] = []
  readonly #objects = new Map<string, readonly PastRecord[]>()

  /** Archives offsets [from, to) of a partition. */
  add({ topic, partition, records }: PastPartition, from: number, to: number, gaps: ArchiveEntry['gaps'] = []): void {
    const own = records.filter(({ offset }) => offset >= from && offset < to)
    const object = `${topic}-${String(partition)}-${String(from)}-${String(this.#entries.length)}`
    this.#objects.set(object, own)
    // An entry begins with what was removed before it.
    const first = gaps.reduce((least, { firstOffset }) => Math.min(least, firstOffset), from)
    this.#entries.push({ ...entryOf({ object, topic, partition, from: first, to }, own), gaps })
  }

  entries(): Promise<readonly ArchiveEntry[]> {
    return Promise.resolve(this.#entries)
  }

  /** Compaction or policy removes an object. @param isKept its entry is still there */
  remove(object: string, isKept = false): void {
    this.#objects.delete(object)
    if (!isKept) this.#entries = this.#entries.filter((entry) => entry.object !== object)
  }

  async *read({ topic, object }: Slice): AsyncGenerator<RecordBatch> {
    await Promise.resolve()
    const records = this.#objects.get(object ?? '')
    if (records === undefined) throw new ObjectMissingError(`there is no object ${object ?? ''}`)
    yield* batchesOf(topic, records)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function entryOf(
  place: { readonly object: string; readonly topic: TopicKey; readonly partition: number; readonly from: number; readonly to: number },
  records: readonly PastRecord[],
): ArchiveEntry {
  const times = records.map(({ timestampMs }) => timestampMs)
  return {
    object: place.object,
    topic: place.topic,
    partition: place.partition,
    firstOffset: place.from,
    nextOffset: place.to,
    records: records.length,
    bytes: 0,
    sha256: '',
    minTimestampMs: Math.min(...times, Number.MAX_SAFE_INTEGER),
    maxTimestampMs: Math.max(...times, 0),
    minTimeUs: null,
    maxTimeUs: null,
    keys: [...new Set(records.map(({ key }) => key))].sort(),
    kinds: null,
    gaps: [],
    createdUs: 0,
    writer: 'test',
  }
}

function* batchesOf(topic: TopicKey, records: readonly PastRecord[]): Generator<RecordBatch> {
  for (let at = 0; at < records.length; at += BATCH_RECORDS) {
    const some = records.slice(at, at + BATCH_RECORDS)
    const batch = new ArrayBatch(
      topic,
      some.map(({ key, ...record }) => ({ ...record, key: Buffer.from(key) })),
      some[0]?.offset,
    )
    const whole = selectRecords(batch, () => true)
    if (whole !== null) yield whole
  }
}
