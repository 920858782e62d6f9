// Walks the records of a batch that we wrote ourselves (format v2, plain, with keys and values, without headers): only what dividing a refused
// batch needs. The counterpart of record-batch.ts.

/** Told of one record: its index, its time behind the first one's (milliseconds), and where key and value stand. */
export type OnRecord = (index: number, deltaMs: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void

/** @throws RangeError when the bytes are no such records */
export function readRecords(records: Buffer, count: number, onRecord: OnRecord): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = records.readUInt8(at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    // Zigzag: even for n >= 0, odd below. By arithmetic, since times may pass 32 bits.
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  for (let index = 0; index < count; index++) {
    const bytes = varint()
    const end = at + bytes
    // Attributes.
    at++
    const delta = varint()
    // Offset delta.
    varint()
    const keyBytes = varint()
    const keyStart = at
    at += keyBytes
    const valueBytes = varint()
    const valueStart = at
    const valueEnd = valueStart + valueBytes
    if (keyBytes < 0 || valueBytes < 0 || valueEnd + 1 !== end || end > records.length)
      throw new RangeError(`record ${String(index)} is mangled`)
    onRecord(index, delta, keyStart, keyStart + keyBytes, valueStart, valueEnd)
    at = end
  }
}
