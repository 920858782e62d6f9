// Maximum size of a batch after decompression, from the headers of its frames: a few KiB can contain hundreds of MiB.
// See RFC 8878 (zstd), the LZ4 frame format 1.6, and the snappy format.

/** Most bytes of one decompressed batch: 64 times the largest batch that brokers accept by default. */
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

/** How many bytes a batch unpacks to at most. @throws RangeError if that is more than `most`, or the bytes are not of the codec */
export function boundedUnpackedBytes(codec: string, sizeOf: (bytes: Buffer) => number, bytes: Buffer, most: number): number {
  const size = sizeOf(bytes)
  if (size > most) throw new RangeError(`a ${codec} batch of ${String(bytes.length)} bytes unpacks to more than ${String(most)} bytes`)
  return size
}

const ZSTD_MAGIC = 0xfd2fb528
const ZSTD_BLOCK_BYTES = 128 * 1024
const ZSTD_RAW = 0
const ZSTD_RUN = 1
const ZSTD_COMPRESSED = 2

/** Most bytes that zstd frames unpack to: at most 128 KiB per compressed block; the other blocks state their size. */
export function zstdUnpackedBytes(bytes: Buffer): number {
  let at = 0
  let size = 0
  while (at < bytes.length) {
    const magic = bytes.readUInt32LE(at)
    at += 4
    if (magic >>> 4 === 0x184d2a5) at += 4 + bytes.readUInt32LE(at)
    else if (magic !== ZSTD_MAGIC) throw new RangeError('not a zstd frame')
    else {
      const descriptor = bytes.readUInt8(at)
      const isSingle = (descriptor & 0x20) !== 0
      const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0
      at += 1 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + sizeBytes
      for (let isLast = false; !isLast;) {
        const header = bytes.readUIntLE(at, 3)
        const blockBytes = header >>> 3
        const type = (header >>> 1) & 3
        isLast = (header & 1) === 1
        if (type > ZSTD_COMPRESSED) throw new RangeError('not a zstd block')
        size += type === ZSTD_RAW || type === ZSTD_RUN ? blockBytes : ZSTD_BLOCK_BYTES
        at += 3 + (type === ZSTD_RUN ? 1 : blockBytes)
      }
      if ((descriptor & 4) !== 0) at += 4
    }
  }
  return size
}

const LZ4_MAGIC = 0x184d2204

/** The same for LZ4 frames, which state the maximum size of their blocks. */
export function lz4UnpackedBytes(bytes: Buffer): number {
  let at = 0
  let size = 0
  while (at < bytes.length) {
    if (bytes.readUInt32LE(at) !== LZ4_MAGIC) throw new RangeError('not an LZ4 frame')
    const flags = bytes.readUInt8(at + 4)
    const most = 1 << (8 + 2 * ((bytes.readUInt8(at + 5) >>> 4) & 7))
    at += 7 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4)
    for (;;) {
      const header = bytes.readUInt32LE(at)
      at += 4
      if (header === 0) break
      const blockBytes = header & 0x7fffffff
      size += header >>> 31 === 1 ? blockBytes : most
      at += blockBytes + ((flags & 16) === 0 ? 0 : 4)
    }
    if ((flags & 4) !== 0) at += 4
  }
  return size
}

// Java producers frame snappy blocks in the way of the xerial library: this header, then (length, block) pairs. Others send one bare block.
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

/** The snappy blocks of a batch. */
export function snappyBlocks(bytes: Buffer): readonly Buffer[] {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return [bytes]
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    const length = bytes.readInt32BE(at)
    const start = at + 4
    if (length <= 0 || length > bytes.length - start) throw new RangeError('not a snappy block')
    const block = bytes.subarray(start, start + length)
    // Nobody writes them but to make work: any number of them unpacks to nothing.
    if (snappyBlockBytes(block) === 0) throw new RangeError('an empty snappy block')
    blocks.push(block)
    at = start + length
  }
  return blocks
}

/** The sum of the sizes that snappy blocks state; the decompressor refuses any other. */
export function snappyUnpackedBytes(bytes: Buffer): number {
  return snappyBlocks(bytes).reduce((sum, block) => sum + snappyBlockBytes(block), 0)
}

function snappyBlockBytes(block: Buffer): number {
  let size = 0
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at)
    size += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return size
  }
  throw new RangeError('not a snappy block')
}

/** Largest ratio of deflate: 258 bytes from 2 bits. */
const DEFLATE_RATIO = 1_032
const GZIP_LEAST_BYTES = 18

/**
 * The size that the end of a gzip member states. It may be wrong, and no bound if there are several members (which no producer writes), so the
 * decompressor must be bounded with it.
 */
export function gzipUnpackedBytes(bytes: Buffer): number {
  if (bytes.length < GZIP_LEAST_BYTES) throw new RangeError('not a gzip member')
  const size = bytes.readUInt32LE(bytes.length - 4)
  if (size > bytes.length * DEFLATE_RATIO) throw new RangeError('the size of a gzip member is not possible')
  return size
}
