// The past as topics and archive have it: plans from the bounds of the topics and the entries of the archive, reads each slice from its place.
import { partitionOf } from '../../../infra/kafka/partitions.js'
import type { PartitionBounds, RangeReader } from '../../../infra/topic-log/range-reader.js'
import { type RecordTest, selectRecords } from '../../../infra/topic-log/selected-batch.js'
import type { OffsetRange, RecordBatch } from '../../../infra/topic-log/topic-log.js'
import { TOPICS, type TopicKey } from '../../../infra/topic-log/topics.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import { ObjectMissingError } from '../objects/object-store.js'
import { piecesOf } from './archive-entries.js'
import type { History, HistoryPlan, HistoryQuery, Slice, SliceOptions } from './history.js'
import { type KnownPartition, planPartition } from './plan-partition.js'

/** The archive as a history needs it. */
export interface ArchiveSource {
  /** All entries. */
  entries(signal: AbortSignal): Promise<readonly ArchiveEntry[]>
  /** The records of the object of a slice in order of their offsets, also those of others. What is damaged is reported and left out. */
  read(slice: Slice, options: SliceOptions): AsyncIterable<RecordBatch>
  close(): Promise<void>
}

/** Where the past is. */
export interface LoggedHistoryDeps {
  readonly ranges: RangeReader
  /** null without an archive. */
  readonly archive: ArchiveSource | null
  /** Short name of the topic that an entry names; undefined for one of others. */
  readonly keyOf: (topic: string) => TopicKey | undefined
  /** Default: the clock of this machine. */
  readonly nowMs?: () => number
}

/** Topics and archive as one history. */
export class LoggedHistory implements History {
  readonly #deps: LoggedHistoryDeps
  readonly #end = new AbortController()

  constructor(deps: LoggedHistoryDeps) {
    this.#deps = deps
  }

  async plan(query: HistoryQuery): Promise<HistoryPlan> {
    const { ranges, archive, keyOf } = this.#deps
    const entries = archive === null ? [] : await archive.entries(this.#end.signal)
    const bounds = await ranges.bounds(query.topics)
    const starts = await ranges.firstAt(bounds, query.fromMs)
    const ends = await this.#ends(query, bounds)
    const nowMs = this.#deps.nowMs?.() ?? Date.now()
    const places = withArchived(query, bounds, entries, keyOf)
    const plans = places.map((place) => {
      const index = bounds.indexOf(place)
      const own = entries.filter((entry) => keyOf(entry.topic) === place.topic && entry.partition === place.partition)
      const known: KnownPartition = {
        bounds: place,
        start: starts[index] ?? place.end,
        end: ends[index] ?? place.end,
        mayHaveKeys: mayHaveKeys(query, place, bounds),
        keptSinceMs: nowMs - retentionOf(place.topic),
        pieces: piecesOf(own),
      }
      return planPartition(query, known)
    })
    return { slices: plans.flatMap(({ slices }) => slices), partitions: plans.map(({ account }) => account) }
  }

  /** From where the plan says; what is not there any more, from where it is now: compaction replaces objects, and retention moves on. */
  async *read(slice: Slice, options: SliceOptions): AsyncGenerator<RecordBatch> {
    if (slice.object !== null) {
      try {
        return yield* this.#direct(slice, options)
      } catch (error) {
        if (!(error instanceof ObjectMissingError)) throw error
        return yield* this.#movedOnly(slice, slice.to, options)
      }
    }
    const place = (await this.#deps.ranges.bounds([slice.topic])).find(({ partition }) => partition === slice.partition)
    const first = Math.min(slice.to, place?.first ?? slice.to)
    if (first > slice.from) yield* this.#movedOnly(slice, first, options)
    yield* this.#direct({ ...slice, from: Math.max(slice.from, first) }, options)
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#deps.ranges.close()
    await this.#deps.archive?.close()
  }

  /** What of [slice.from, to) is somewhere now. */
  async *#movedOnly(
    { topic, partition, from, object, fromMs, toMs }: Slice,
    to: number,
    options: SliceOptions,
  ): AsyncGenerator<RecordBatch> {
    const { slices, partitions } = await this.plan({ topics: [topic], fromMs, toMs, prefer: 'archive' })
    const gone = new Map<number, number>()
    for (const now of slices.filter((one) => one.partition === partition && one.from < to && one.to > from)) {
      const part = { ...now, from: Math.max(from, now.from), to: Math.min(to, now.to) }
      if (now.object === object) gone.set(part.from, part.to)
      else yield* this.#direct(part, options)
    }
    for (const [start, end] of gone) options.onDamaged({ offsets: [start, end], reason: `there is no object ${object ?? ''}` })
    for (const { missing } of partitions.filter((one) => one.partition === partition)) {
      for (const { offsets, reason } of missing) {
        const lost: OffsetRange = [Math.max(from, offsets[0]), Math.min(to, offsets[1])]
        if (lost[0] < lost[1]) options.onDamaged({ offsets: lost, reason })
      }
    }
  }

  async *#direct(slice: Slice, options: SliceOptions): AsyncGenerator<RecordBatch> {
    const isWanted = recordTest(slice)
    for await (const batch of this.#batches(slice, options)) {
      const wanted = selectRecords(batch, isWanted)
      if (wanted !== null) yield wanted
    }
  }

  #batches(slice: Slice, options: SliceOptions): AsyncIterable<RecordBatch> {
    const { ranges, archive } = this.#deps
    if (slice.object === null) {
      return ranges.read(slice, {
        signal: options.signal,
        onDamaged: ({ firstOffset, lastOffset, reason }) => options.onDamaged({ offsets: [firstOffset, lastOffset + 1], reason }),
      })
    }
    if (archive !== null) return archive.read(slice, options)
    options.onDamaged({ offsets: [slice.from, slice.to], reason: 'it is in the archive, which is not configured here' })
    return none()
  }

  /** Times of the broker are in order. */
  async #ends({ toMs, lateMs }: HistoryQuery, bounds: readonly PartitionBounds[]): Promise<readonly number[]> {
    const { ranges } = this.#deps
    const isOrdered = ({ topic }: PartitionBounds): boolean => TOPICS[topic].timestampType === 'LogAppendTime'
    const ordered = bounds.some(isOrdered) ? await ranges.firstAt(bounds, toMs) : []
    const late = lateMs === undefined ? [] : await ranges.firstAt(bounds, toMs + lateMs)
    return bounds.map((place, index) => (isOrdered(place) ? ordered[index] : late[index]) ?? place.end)
  }
}

/** The partitions of the topics, and those that only the archive has. */
function withArchived(
  { topics }: HistoryQuery,
  bounds: readonly PartitionBounds[],
  entries: readonly ArchiveEntry[],
  keyOf: LoggedHistoryDeps['keyOf'],
): readonly PartitionBounds[] {
  const places = [...bounds]
  for (const { topic: name, partition } of entries) {
    const topic = keyOf(name)
    if (topic === undefined || !topics.includes(topic)) continue
    if (places.some((place) => place.topic === topic && place.partition === partition)) continue
    const own = entries.filter((entry) => entry.topic === name && entry.partition === partition)
    const end = own.reduce((most, { nextOffset }) => Math.max(most, nextOffset), 0)
    places.push({ topic, partition, first: end, end })
  }
  return places.sort((a, b) => topics.indexOf(a.topic) - topics.indexOf(b.topic) || a.partition - b.partition)
}

function retentionOf(topic: TopicKey): number {
  const { retentionMs } = TOPICS[topic]
  return retentionMs < 0 ? Infinity : retentionMs
}

/** Topics are keyed by host: a host is in one partition. */
function mayHaveKeys({ keys }: HistoryQuery, { topic, partition }: PartitionBounds, bounds: readonly PartitionBounds[]): boolean {
  if (keys === undefined || topic === 'deadletter' || topic === 'state' || topic === 'archive') return true
  const partitions = bounds.filter((place) => place.topic === topic).length
  return keys.some((key) => partitionOf(Buffer.from(key), partitions) === partition)
}

function recordTest({ from, to, fromMs, toMs, keys }: Slice): RecordTest {
  const wanted = keys?.map((key) => Buffer.from(key))
  return ({ offset, timestampMs, keyBytes, keyStart, keyEnd }) => {
    if (offset < from || offset >= to || timestampMs < fromMs || timestampMs >= toMs) return false
    if (wanted === undefined) return true
    return keyStart >= 0 && wanted.some((key) => key.length === keyEnd - keyStart && key.compare(keyBytes, keyStart, keyEnd) === 0)
  }
}

async function* none(): AsyncGenerator<RecordBatch> {
  // Nothing can be read.
}
