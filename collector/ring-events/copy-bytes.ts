// Bytes that outlive their ring record: a copy of its own, also where the source is a Buffer, whose `slice` shares memory.

/** Up to this length a loop is cheaper than a view of the source, which is an object more for the garbage collector. */
const SHORT = 128

/** Copies source[start, end) into target at `at`. */
export function placeBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  const length = end - start
  if (length > SHORT) target.set(source.subarray(start, end), at)
  else for (let index = 0; index < length; index++) target[at + index] = source[start + index] as number
}

/** A copy of bytes[start, end). */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  placeBytes(bytes, start, end, copy, 0)
  return copy
}
