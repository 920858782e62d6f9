// Records that wait for their row group: copies of their bytes, in order of their offsets.
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import { PageBytes } from './page-bytes.js'

/** A record, or the current one of a batch. */
export type ArchivedRecord = Pick<
  RecordBatch,
  'offset' | 'timestampMs' | 'keyBytes' | 'keyStart' | 'keyEnd' | 'valueBytes' | 'valueStart' | 'valueEnd' | 'headers'
>

/** Numbers of a record among the spans: start and end of key, value and headers. */
const SPANS = 6
const NONE = -1

export class RecordBuffer {
  readonly #bytes: PageBytes
  readonly #offsets: number[] = []
  readonly #timestamps: number[] = []
  readonly #spans: number[] = []

  constructor(bytes: PageBytes) {
    this.#bytes = bytes
  }

  get length(): number {
    return this.#offsets.length
  }

  /** Bytes of keys, values and headers. */
  get size(): number {
    return this.#bytes.position
  }

  /** Bytes of its memory, which stays for the next row group. */
  get capacity(): number {
    return this.#bytes.bytes.length
  }

  /** Where the spans are. */
  get bytes(): Buffer {
    return this.#bytes.bytes
  }

  add(record: ArchivedRecord): void {
    this.#offsets.push(record.offset)
    this.#timestamps.push(record.timestampMs)
    this.#append(record.keyBytes, record.keyStart, record.keyEnd)
    this.#append(record.valueBytes, record.valueStart, record.valueEnd)
    const { headers } = record
    if (headers === undefined || headers === null) this.#spans.push(NONE, NONE)
    else this.#append(headers, 0, headers.length)
  }

  offset(row: number): number {
    return this.#offsets[row] ?? NONE
  }

  timestampMs(row: number): number {
    return this.#timestamps[row] ?? NONE
  }

  /** Start, or end, of the key (0), value (1) or headers (2); the start is -1 for none. */
  start(row: number, part: 0 | 1 | 2): number {
    return this.#spans[row * SPANS + part * 2] ?? NONE
  }

  end(row: number, part: 0 | 1 | 2): number {
    return this.#spans[row * SPANS + part * 2 + 1] ?? NONE
  }

  clear(): void {
    this.#bytes.position = 0
    this.#offsets.length = 0
    this.#timestamps.length = 0
    this.#spans.length = 0
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    if (start < 0) {
      this.#spans.push(NONE, NONE)
      return
    }
    const from = this.#bytes.position
    this.#bytes.append(bytes, start, end)
    this.#spans.push(from, this.#bytes.position)
  }
}
