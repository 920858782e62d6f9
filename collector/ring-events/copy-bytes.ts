// Bytes that outlive their ring record: a copy of its own, also where the source is a Buffer, whose `slice` shares memory.

/** A copy of bytes[start, end). */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}
