// A number of a record of which only the bytes are kept: a DataView is an object more for each look.

/** Little endian. Past the end of `bytes` it reads zeroes. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
}
