// The codecs of Kafka's record batches: compressing for the publisher, all of them for reading. One owner of the native codec packages.
// The package's own entry takes a level and ignores it; what it wraps does not.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { compress as zstdCompress, decompress as zstdDecompress } from '@mongodb-js/zstd/bindings.js'
import kafkajs from 'kafkajs'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy'
import { COMPRESSIONS, type Compression } from './kafka-config.js'
import { checkUnpackedSize, lz4UnpackedBytes, MAX_UNPACKED_BYTES, snappyUnpackedBytes, zstdUnpackedBytes } from './unpacked-size.js'

/** Compresses and decompresses the records of a batch. */
export interface BatchCompressor {
  /** The codec's number in the batch's attributes (bits 0-2). */
  readonly attributes: number
  compress(records: Buffer): Promise<Buffer>
  decompress(compressed: Buffer): Promise<Buffer>
}

// Within 5 % of the size of zstd's default, level 3, on events, for half to three quarters of its CPU (test/bench/publish.ts).
const ZSTD_LEVEL = 1

/** The compressor for a setting; undefined for none. */
export function compressorOf(compression: Compression): BatchCompressor | undefined {
  if (compression === 'lz4') {
    return {
      attributes: 3,
      compress: (records) => Promise.resolve(compressFrameSync(records)),
      decompress: unpackLz4,
    }
  }
  if (compression === 'zstd') {
    return {
      attributes: 4,
      compress: (records) => zstdCompress(records, ZSTD_LEVEL),
      decompress: unpackZstd,
    }
  }
  return undefined
}

/** The records of a batch of ours as they were before compression. @param attributes the codec's number, 0 for plain */
export async function plainRecords(attributes: number, records: Buffer): Promise<Buffer> {
  if (attributes === 0) return records
  const compressor = COMPRESSIONS.map(compressorOf).find((candidate) => candidate?.attributes === attributes)
  if (compressor === undefined) throw new RangeError(`no codec of ours has the number ${String(attributes)}`)
  return await compressor.decompress(records)
}

/** Lets kafkajs read (and write) every codec that another producer may have used. Doing it again changes nothing. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    // Async, so that what it throws about mangled bytes is a rejection.
    compress: async ({ buffer }: { buffer: Buffer }) => compressFrameSync(buffer),
    decompress: unpackLz4,
  })
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => zstdCompress(buffer, ZSTD_LEVEL),
    decompress: unpackZstd,
  })
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => snappyCompress(buffer),
    decompress: decompressSnappy,
  })
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => promisify(gzip)(buffer),
    decompress: (buffer: Buffer) => gunzipped(buffer, { maxOutputLength: MAX_UNPACKED_BYTES }),
  })
}

const gunzipped = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

// Async, so that what they throw about mangled bytes is a rejection.
async function unpackZstd(buffer: Buffer): Promise<Buffer> {
  checkUnpackedSize('zstd', zstdUnpackedBytes, buffer)
  return await zstdDecompress(buffer)
}

async function unpackLz4(buffer: Buffer): Promise<Buffer> {
  checkUnpackedSize('lz4', lz4UnpackedBytes, buffer)
  return await Promise.resolve(decompressFrameSync(buffer))
}

// Java's producers frame snappy blocks as the xerial library does: this header, then (length, block) pairs. Others send one bare block.
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

async function decompressSnappy(buffer: Buffer): Promise<Buffer> {
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return await snappyBlock(buffer)
  const blocks: Buffer[] = []
  let at = XERIAL_HEADER_BYTES
  let room = MAX_UNPACKED_BYTES
  while (at < buffer.length) {
    const bytes = buffer.readInt32BE(at)
    const block = await snappyBlock(buffer.subarray(at + 4, at + 4 + bytes), room)
    blocks.push(block)
    room -= block.length
    at += 4 + bytes
  }
  return Buffer.concat(blocks)
}

async function snappyBlock(block: Buffer, room = MAX_UNPACKED_BYTES): Promise<Buffer> {
  checkUnpackedSize('snappy', snappyUnpackedBytes, block, room)
  return Buffer.from(await snappyUncompress(block, { asBuffer: true }))
}
