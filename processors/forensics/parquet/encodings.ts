// Parquet's encodings of numbers: runs and packed bits for places in a dictionary, differences for numbers that grow.
// See https://parquet.apache.org/docs/file-format/data-pages/encodings/
import type { PageBytes } from './page-bytes.js'

/** Fewest equal values that are written as a run; packed values come in groups of as many. */
const GROUP = 8
/** Values of a block of differences, and of its parts, which have their own width. */
const BLOCK = 128
const MINIBLOCK = 32
/** Bits that are packed in one step. */
const STEP_BITS = 16

/** Bits of the largest value. */
export function bitWidthOf(largest: number): number {
  return largest === 0 ? 0 : 32 - Math.clz32(largest)
}

/** Writes values [0, count) of `width` bits as runs and packed groups (RLE/bit-packed hybrid). */
export function writeHybrid(out: PageBytes, values: Int32Array, count: number, width: number): void {
  let packedFrom = 0
  let i = 0
  while (i < count) {
    const value = values[i]
    let to = i + 1
    while (to < count && values[to] === value) to++
    if (to - i < GROUP) i += GROUP
    else {
      if (i > packedFrom) writePacked(out, values, packedFrom, i, width)
      out.varint((to - i) * 2)
      for (let bits = 0; bits < width; bits += 8) out.byte(((value ?? 0) >>> bits) & 0xff)
      i = to
      packedFrom = to
    }
  }
  if (packedFrom < count) writePacked(out, values, packedFrom, count, width)
}

/** Groups from `from` on; what is missing in the last one is zero. */
function writePacked(out: PageBytes, values: Int32Array, from: number, to: number, width: number): void {
  const groups = Math.ceil((to - from) / GROUP)
  out.varint(groups * 2 + 1)
  out.ensure(groups * width)
  const { bytes } = out
  let { position } = out
  let bits = 0
  let used = 0
  for (let i = from; i < from + groups * GROUP; i++) {
    // Up to 7 bits are left over, so 24 fit; places in dictionaries have fewer than 20.
    bits |= (i < to ? (values[i] ?? 0) : 0) << used
    used += width
    while (used >= 8) {
      bytes[position++] = bits & 0xff
      bits >>>= 8
      used -= 8
    }
  }
  out.position = position
}

/** Largest distance of the values of DELTA_BINARY_PACKED here: differences of differences are still exact. */
export const MOST_RANGE = 2 ** 51

/** Writes whole numbers [0, count) as differences (DELTA_BINARY_PACKED). Their range is below MOST_RANGE. */
export function writeDeltas(out: PageBytes, values: Float64Array, count: number): void {
  out.varint(BLOCK)
  out.varint(BLOCK / MINIBLOCK)
  out.varint(count)
  out.zigzag(values[0] ?? 0)
  const deltas = new Float64Array(BLOCK)
  for (let from = 1; from < count; from += BLOCK) {
    const size = Math.min(BLOCK, count - from)
    let least = Infinity
    for (let i = 0; i < size; i++) {
      const delta = (values[from + i] ?? 0) - (values[from + i - 1] ?? 0)
      deltas[i] = delta
      if (delta < least) least = delta
    }
    out.zigzag(least)
    const widths: number[] = []
    for (let part = 0; part < BLOCK; part += MINIBLOCK) {
      let most = 0
      for (let i = part; i < Math.min(part + MINIBLOCK, size); i++) most = Math.max(most, (deltas[i] ?? 0) - least)
      const width = most > 0xffffffff ? 32 + bitWidthOf(Math.floor(most / 2 ** 32)) : bitWidthOf(most)
      widths.push(width)
      out.byte(width)
    }
    for (const [index, width] of widths.entries()) {
      if (index * MINIBLOCK < size)
        writeMiniblock(out, deltas.subarray(index * MINIBLOCK), Math.min(MINIBLOCK, size - index * MINIBLOCK), least, width)
    }
  }
}

/** 32 values of `width` bits, of which the first `count` are given. */
function writeMiniblock(out: PageBytes, deltas: Float64Array, count: number, least: number, width: number): void {
  out.ensure(MINIBLOCK * 8)
  const { bytes } = out
  let { position } = out
  let bits = 0
  let used = 0
  for (let i = 0; i < MINIBLOCK; i++) {
    let value = i < count ? (deltas[i] ?? 0) - least : 0
    for (let left = width; left > 0; left -= STEP_BITS) {
      const high = Math.floor(value / 65_536)
      bits |= (value - high * 65_536) << used
      value = high
      used += Math.min(left, STEP_BITS)
      while (used >= 8) {
        bytes[position++] = bits & 0xff
        bits >>>= 8
        used -= 8
      }
    }
  }
  out.position = position
}
