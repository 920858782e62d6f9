// Writes the records of a partition as one object. Its bytes depend on the records and the version of the writer alone: row groups are cut by rows and
// bytes, in one thread.
import { createHash } from 'node:crypto'
import { packageVersion } from '../../../infra/process/package-root.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../columns.js'
import type { ChunkOutput } from './chunk-output.js'
import { GROUP_ROWS } from './column-builders.js'
import { PageBytes } from './page-bytes.js'
import { type ArchivedRecord, RecordBuffer } from './record-buffer.js'
import { RowGroupWriter } from './row-group.js'
import { zstdReady } from './zstd.js'

/** Bytes of the records of a row group, about. */
const GROUP_BYTES = 16 << 20
/** Most keys that an entry names. */
const MOST_KEYS = 256

/** What an entry says of its object, from the object alone. */
export type ObjectFacts = Pick<
  ArchiveEntry,
  'records' | 'bytes' | 'sha256' | 'minTimestampMs' | 'maxTimestampMs' | 'minTimeUs' | 'maxTimeUs' | 'keys' | 'kinds' | 'writer'
>

/** A finished object. */
export interface WrittenObject {
  readonly content: Uint8Array
  readonly facts: ObjectFacts
}

/** Writers of objects for all topics. Objects may be written at the same time: each row group is written at once. */
export class ObjectWriters {
  readonly #groups: ReadonlyMap<ArchiveTopic, RowGroupWriter>
  readonly #version: string

  private constructor(codec: Codec, version: string) {
    this.#groups = new Map(ARCHIVE_TOPICS.map((topic) => [topic, new RowGroupWriter(codec, topic)]))
    this.#version = version
  }

  /** @param version of the writer; default ours */
  static async create(codec: Codec, version = packageVersion()): Promise<ObjectWriters> {
    await zstdReady()
    return new ObjectWriters(codec, version)
  }

  /** Begins an object. */
  begin(topic: ArchiveTopic): ObjectWriter {
    const groups = this.#groups.get(topic)
    if (groups === undefined) throw new RangeError(`the topic ${topic} is not archived`)
    return new ObjectWriter(groups, this.#version)
  }
}

/** An object that is being written. */
export class ObjectWriter {
  readonly #groups: RowGroupWriter
  readonly #version: string
  readonly #output: ChunkOutput
  readonly #waiting = new RecordBuffer(new PageBytes())
  readonly #keys = new Set<string>()
  readonly #kinds = new Set<string>()
  #hasAllKeys = true
  #hasAllKinds = true
  #records = 0
  #minTimestampMs = Infinity
  #maxTimestampMs = -Infinity
  #minTimeUs = Infinity
  #maxTimeUs = -Infinity

  constructor(groups: RowGroupWriter, version: string) {
    this.#groups = groups
    this.#version = version
    this.#output = groups.begin()
  }

  get records(): number {
    return this.#records
  }

  /** Bytes of the object so far, and of the records that are not in it yet. */
  get bytes(): number {
    return this.#output.bytes + this.#waiting.size
  }

  /** Bytes of its memory: buffers are larger than what is in them. */
  get heldBytes(): number {
    return this.#output.capacity + this.#waiting.capacity
  }

  /** Takes the next record of the partition; its bytes are copied. */
  add(record: ArchivedRecord): void {
    this.#waiting.add(record)
    this.#records++
    this.#minTimestampMs = Math.min(this.#minTimestampMs, record.timestampMs)
    this.#maxTimestampMs = Math.max(this.#maxTimestampMs, record.timestampMs)
    if (this.#waiting.length >= GROUP_ROWS || this.#waiting.size >= GROUP_BYTES) this.#writeGroup()
  }

  /** Ends the object, which has one record at least. */
  finish(): WrittenObject {
    if (this.#waiting.length > 0) this.#writeGroup()
    const content = this.#output.finish(`eunomia ${this.#version}`)
    const facts = {
      records: this.#records,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      minTimestampMs: this.#minTimestampMs,
      maxTimestampMs: this.#maxTimestampMs,
      minTimeUs: this.#minTimeUs === Infinity ? null : this.#minTimeUs,
      maxTimeUs: this.#maxTimeUs === -Infinity ? null : this.#maxTimeUs,
      keys: this.#hasAllKeys ? [...this.#keys].sort() : null,
      kinds: this.#hasAllKinds ? [...this.#kinds].sort() : null,
      writer: this.#version,
    }
    return { content, facts }
  }

  #writeGroup(): void {
    const { keys, kinds, times } = this.#groups.write(this.#output, this.#waiting)
    this.#waiting.clear()
    if (keys === null) this.#hasAllKeys = false
    else for (const key of keys) this.#keys.add(key)
    if (this.#keys.size > MOST_KEYS) this.#hasAllKeys = false
    if (kinds === null) this.#hasAllKinds = false
    else for (const kind of kinds) this.#kinds.add(kind)
    if (times === null) return
    this.#minTimeUs = Math.min(this.#minTimeUs, times.min)
    this.#maxTimeUs = Math.max(this.#maxTimeUs, times.max)
  }
}
