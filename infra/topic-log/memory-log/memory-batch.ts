// A batch of records as a view over a chunk: walked in place, no object per record.
import type { RecordBatch } from '../topic-log.js'
import type { TopicKey } from '../topics.js'
import { RECORD_HEADER_BYTES, type Chunk } from './chunk.js'

/** Records of one chunk from a byte position on. */
export class MemoryBatch implements RecordBatch {
  readonly topic: TopicKey
  readonly partition = 0
  readonly length: number
  readonly firstOffset: number
  index = -1
  timestampMs = 0
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  readonly #chunk: Chunk
  readonly #start: number
  #next: number

  /** @param start byte position of the first record in the chunk @param length number of records, at least 1 */
  constructor(topic: TopicKey, chunk: Chunk, start: number, firstOffset: number, length: number) {
    this.topic = topic
    this.#chunk = chunk
    this.#start = start
    this.#next = start
    this.firstOffset = firstOffset
    this.length = length
  }

  get lastOffset(): number {
    return this.firstOffset + this.length - 1
  }
  get offset(): number {
    return this.firstOffset + this.index
  }
  get keyBytes(): Uint8Array {
    return this.#chunk.bytes
  }
  get valueBytes(): Uint8Array {
    return this.#chunk.bytes
  }

  next(): boolean {
    if (this.index + 1 >= this.length) return false
    this.index++
    const at = this.#next
    const view = this.#chunk.view
    this.timestampMs = view.getFloat64(at + 8)
    this.keyStart = at + RECORD_HEADER_BYTES
    this.keyEnd = this.keyStart + view.getInt32(at)
    this.valueStart = this.keyEnd
    this.valueEnd = this.valueStart + view.getInt32(at + 4)
    this.#next = this.valueEnd
    return true
  }

  rewind(): void {
    this.index = -1
    this.#next = this.#start
  }
}
