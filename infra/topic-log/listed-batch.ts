// A batch of records that are in memory as separate byte arrays: what was read from elsewhere than a topic, or made here.
import type { RecordBatch } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** A record of such a batch. */
export interface ListedRecord {
  readonly offset: number
  readonly timestampMs: number
  /** null for none. */
  readonly key: Uint8Array | null
  /** null for a tombstone. */
  readonly value: Uint8Array | null
}

const EMPTY = new Uint8Array(0)
const NONE: ListedRecord = { offset: -1, timestampMs: -1, key: null, value: null }

/** A batch over a list of records, in order of their offsets. */
export class ListedBatch implements RecordBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  index = -1
  readonly #records: readonly ListedRecord[]
  #current = NONE

  /** @param extent where offsets before and after its records belong to the batch, too */
  constructor(
    topic: TopicKey,
    partition: number,
    records: readonly ListedRecord[],
    extent: Pick<RecordBatch, 'firstOffset' | 'lastOffset'> = {
      firstOffset: records[0]?.offset ?? -1,
      lastOffset: records.at(-1)?.offset ?? -1,
    },
  ) {
    this.topic = topic
    this.partition = partition
    this.length = records.length
    this.firstOffset = extent.firstOffset
    this.lastOffset = extent.lastOffset
    this.#records = records
  }

  next(): boolean {
    const record = this.#records[this.index + 1]
    if (record === undefined) return false
    this.index++
    this.#current = record
    return true
  }

  rewind(): void {
    this.index = -1
    this.#current = NONE
  }

  get offset(): number {
    return this.#current.offset
  }
  get timestampMs(): number {
    return this.#current.timestampMs
  }
  get keyBytes(): Uint8Array {
    return this.#current.key ?? EMPTY
  }
  get keyStart(): number {
    return this.#current.key === null ? -1 : 0
  }
  get keyEnd(): number {
    return this.#current.key?.length ?? -1
  }
  get valueBytes(): Uint8Array {
    return this.#current.value ?? EMPTY
  }
  get valueStart(): number {
    return this.#current.value === null ? -1 : 0
  }
  get valueEnd(): number {
    return this.#current.value?.length ?? -1
  }
}
