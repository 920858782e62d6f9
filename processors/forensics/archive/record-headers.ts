// The headers of a record, as they are in a batch of Kafka: a count, then for each header its name and its value, with their lengths as zigzag varints.
// See https://kafka.apache.org/documentation/#recordheader
import { BoundedCursor } from '../../../schemas/decode/bounded-cursor.js'

export type RecordHeader = readonly [name: string, value: Buffer]

/** @throws Error for bytes that are no headers. A value that is null is empty here */
export function headersOf(bytes: Uint8Array | null): readonly RecordHeader[] {
  if (bytes === null) return []
  const cursor = new BoundedCursor()
  cursor.load(bytes, 0, bytes.length)
  const headers: RecordHeader[] = []
  const span = (): Buffer => {
    const length = Math.max(0, cursor.int())
    cursor.fixed(length)
    return Buffer.from(bytes.subarray(cursor.position - length, cursor.position))
  }
  for (let left = cursor.int(); left > 0; left--) headers.push([span().toString('utf8'), span()])
  return headers
}
