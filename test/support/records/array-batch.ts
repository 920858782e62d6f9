// A RecordBatch over an array, for tests of code that needs batches but no log.
import { sampleOrigin } from './sample-records.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** One record of an ArrayBatch. */
export interface ArrayRecord {
  readonly key?: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestampMs?: number
  /** Default: one after the previous record. */
  readonly offset?: number
}

/** As the sample records name their host. */
const HOST_KEY = Buffer.from(sampleOrigin().hostId)
const EMPTY = new Uint8Array(0)

/** Records as a cursor. */
export class ArrayBatch implements RecordBatch {
  readonly topic: TopicKey
  readonly partition = 3
  readonly firstOffset: number
  readonly lastOffset: number
  readonly #records: readonly Required<ArrayRecord>[]
  #index = -1

  constructor(topic: TopicKey, records: readonly ArrayRecord[], firstOffset = 100) {
    this.topic = topic
    let next = firstOffset
    this.#records = records.map(({ key = HOST_KEY, value, timestampMs = 0, offset = next }) => {
      next = offset + 1
      return { key, value, timestampMs, offset }
    })
    this.firstOffset = firstOffset
    this.lastOffset = next - 1
  }

  get length(): number {
    return this.#records.length
  }
  get index(): number {
    return this.#index
  }
  next(): boolean {
    if (this.#index + 1 >= this.#records.length) return false
    this.#index++
    return true
  }
  rewind(): void {
    this.#index = -1
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
    return this.#current.key === null ? -1 : this.#current.key.length
  }
  get valueBytes(): Uint8Array {
    return this.#current.value ?? EMPTY
  }
  get valueStart(): number {
    return this.#current.value === null ? -1 : 0
  }
  get valueEnd(): number {
    return this.#current.value === null ? -1 : this.#current.value.length
  }
  get #current(): Required<ArrayRecord> {
    const record = this.#records[this.#index]
    if (record === undefined) throw new RangeError('the cursor is at no record')
    return record
  }
}
