// The `raw` map of an event: exact bytes of the texts that are not valid UTF-8, by field name, as Avro map entries.
// Empty for almost every event, and then it costs one byte.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes } from '../ring-events/copy-bytes.js'

/** Entries that are encoded already, to be spliced into the map of an event. */
export interface EncodedRawTexts {
  readonly count: number
  readonly bytes: Uint8Array
}

/** No entries. */
export const NO_RAW_TEXTS: EncodedRawTexts = { count: 0, bytes: new Uint8Array(0) }

/** Collects the entries of one event or of one process. */
export class RawTexts {
  readonly #writer = new AvroWriter()
  #count = 0

  clear(): void {
    this.#count = 0
    this.#writer.reset()
  }

  /** Adds bytes[start, end) under the path of their field, such as `process.args.2`. */
  add(field: string, bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#writer.text(field)
    this.#writer.bytesSpan(bytes, start, end)
    this.#count++
  }

  /** Adds entries that were encoded before. */
  addAll(entries: EncodedRawTexts): void {
    if (entries.count === 0) return
    this.#writer.raw(entries.bytes, 0, entries.bytes.length)
    this.#count += entries.count
  }

  /** What was collected, as bytes of their own. */
  take(): EncodedRawTexts {
    if (this.#count === 0) return NO_RAW_TEXTS
    return { count: this.#count, bytes: copyBytes(this.#writer.bytes, 0, this.#writer.position) }
  }

  /** Writes the field `raw`: null when nothing was collected. */
  write(writer: AvroWriter): void {
    if (this.#count === 0) return writer.int(0)
    writer.int(1)
    writer.blockStart(this.#count)
    writer.raw(this.#writer.bytes, 0, this.#writer.position)
    writer.blockEnd()
  }
}
