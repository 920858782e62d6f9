// Records of an object as a batch, as a log delivers them.
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** Most bytes of a record: far above what a broker takes. */
const MOST_RECORD_BYTES = 64 << 20
const EMPTY = new Uint8Array(0)

/** Rows by their number in the row group. */
export interface RowSource {
  offset(row: number): number
  timestampMs(row: number): number
  key(row: number): Uint8Array | null
  headers(row: number): Uint8Array | null
  /** The parts of the value; null for none. */
  value(row: number): readonly Uint8Array[] | null
}

export class ArchivedBatch implements RecordBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly valueBytes: Uint8Array
  readonly #source: RowSource
  readonly #rows: ArrayLike<number>
  readonly #from: number
  /** Ends of the values; those of null are -1. */
  readonly #ends: Int32Array
  #index = -1
  #key: Uint8Array | null = null
  valueStart = -1
  valueEnd = -1

  /** The rows [from, to) of the list. */
  constructor(topic: TopicKey, partition: number, source: RowSource, rows: ArrayLike<number>, from: number, to: number) {
    this.topic = topic
    this.partition = partition
    this.length = to - from
    this.#source = source
    this.#rows = rows
    this.#from = from
    this.firstOffset = source.offset(rows[from] ?? 0)
    this.lastOffset = source.offset(rows[to - 1] ?? 0)
    this.#ends = new Int32Array(this.length)
    this.valueBytes = this.#join()
  }

  next(): boolean {
    if (this.#index + 1 >= this.length) return false
    const before = this.#index < 0 ? 0 : this.#endOf(this.#index)
    this.#index++
    const isNull = (this.#ends[this.#index] ?? 0) < 0
    this.valueStart = isNull ? -1 : before
    this.valueEnd = isNull ? -1 : this.#endOf(this.#index)
    this.#key = this.#source.key(this.#row)
    return true
  }

  rewind(): void {
    this.#index = -1
  }

  get index(): number {
    return this.#index
  }

  get offset(): number {
    return this.#source.offset(this.#row)
  }

  get timestampMs(): number {
    return this.#source.timestampMs(this.#row)
  }

  get keyBytes(): Uint8Array {
    return this.#key ?? EMPTY
  }

  get keyStart(): number {
    return this.#key === null ? -1 : 0
  }

  get keyEnd(): number {
    return this.#key === null ? -1 : this.#key.length
  }

  /** The headers of the current record, as they are in a batch of Kafka; null for none. */
  get headers(): Uint8Array | null {
    return this.#source.headers(this.#row)
  }

  get #row(): number {
    return this.#rows[this.#from + this.#index] ?? 0
  }

  /** End of the bytes up to a record, also of one without a value. */
  #endOf(index: number): number {
    const end = this.#ends[index] ?? 0
    return end < 0 ? -end - 1 : end
  }

  /** All values in one buffer. */
  #join(): Uint8Array {
    const values: (readonly Uint8Array[] | null)[] = []
    let size = 0
    for (let i = 0; i < this.length; i++) {
      const parts = this.#source.value(this.#rows[this.#from + i] ?? 0)
      const before = size
      for (const part of parts ?? []) size += part.length
      if (size - before > MOST_RECORD_BYTES) throw new RangeError('a record is too large')
      this.#ends[i] = parts === null ? -size - 1 : size
      values.push(parts)
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const parts of values) {
      for (const part of parts ?? []) {
        bytes.set(part, at)
        at += part.length
      }
    }
    return bytes
  }
}
