// The codecs of Kafka's record batches: those of the publisher, and all of them for reading. The only file that imports the codec packages.
// The public entry of @mongodb-js/zstd ignores the level; its bindings respect it.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { compress as zstdCompress, decompress as zstdDecompress } from '@mongodb-js/zstd/bindings.js'
import kafkajs from 'kafkajs'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy'
import type { Compression } from './kafka-config.js'
import { checkUnpackedSize, lz4UnpackedBytes, MAX_UNPACKED_BYTES, snappyUnpackedBytes, zstdUnpackedBytes } from './unpacked-size.js'

/** Compresses and decompresses the records of a batch. */
export interface BatchCompressor {
  /** The codec's number in the batch's attributes (bits 0-2). */
  readonly attributes: number
  readonly compress: (records: Buffer) => Promise<Buffer>
  readonly decompress: (compressed: Buffer) => Promise<Buffer>
}

// Within 5 % of the size of zstd's default, level 3, on events, for half to three quarters of its CPU (test/bench/publish.ts).
const ZSTD_LEVEL = 1

const CODECS = {
  lz4: {
    attributes: 3,
    compress: async (records) => compressFrameSync(records),
    decompress: unpackLz4,
  },
  zstd: { attributes: 4, compress: (records) => zstdCompress(records, ZSTD_LEVEL), decompress: unpackZstd },
} satisfies Readonly<Record<Exclude<Compression, 'none'>, BatchCompressor>>

/** The compressor for a setting; undefined for none. */
export function compressorOf(compression: Compression): BatchCompressor | undefined {
  return compression === 'none' ? undefined : CODECS[compression]
}

/** Decompresses the records of a batch that we wrote. @param attributes the codec's number, 0 for plain */
export async function plainRecords(attributes: number, records: Buffer): Promise<Buffer> {
  if (attributes === 0) return records
  const codec = Object.values(CODECS).find((candidate) => candidate.attributes === attributes)
  if (codec === undefined) throw new RangeError(`unknown codec ${String(attributes)}`)
  return await codec.decompress(records)
}

/** Lets kafkajs read and write every codec that another producer may use. Idempotent. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.LZ4] = kafkajsCodec(CODECS.lz4)
  CompressionCodecs[CompressionTypes.ZSTD] = kafkajsCodec(CODECS.zstd)
  CompressionCodecs[CompressionTypes.Snappy] = kafkajsCodec({ compress: snappyCompress, decompress: decompressSnappy })
  CompressionCodecs[CompressionTypes.GZIP] = kafkajsCodec({
    compress: promisify<Buffer, Buffer>(gzip),
    decompress: (buffer) => gunzipped(buffer, { maxOutputLength: MAX_UNPACKED_BYTES }),
  })
}

const gunzipped = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

// Async, so that an error about corrupt bytes is a rejection.
async function unpackZstd(buffer: Buffer): Promise<Buffer> {
  checkUnpackedSize('zstd', zstdUnpackedBytes, buffer)
  return await zstdDecompress(buffer)
}

async function unpackLz4(buffer: Buffer): Promise<Buffer> {
  checkUnpackedSize('lz4', lz4UnpackedBytes, buffer)
  return decompressFrameSync(buffer)
}

function kafkajsCodec({ compress, decompress }: Omit<BatchCompressor, 'attributes'>) {
  return () => ({ compress: ({ buffer }: { buffer: Buffer }) => compress(buffer), decompress })
}

// Java producers frame snappy blocks in the way of the xerial library: this header, then (length, block) pairs. Others send one bare block.
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
