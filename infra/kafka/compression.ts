// The codecs of Kafka's record batches: those of the publisher, and all of them for reading. The only file that imports the codec packages.
// The public entry of @mongodb-js/zstd ignores the level; its bindings respect it.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { compress as zstdCompress, decompress as zstdDecompress } from '@mongodb-js/zstd/bindings.js'
import kafkajs from 'kafkajs'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compress as snappyCompress, uncompressSync as snappyUncompress } from 'snappy'
import type { Compression } from './kafka-config.js'
import {
  boundedUnpackedBytes,
  gzipUnpackedBytes,
  lz4UnpackedBytes,
  MAX_UNPACKED_BYTES,
  snappyBlocks,
  snappyUnpackedBytes,
  zstdUnpackedBytes,
} from './unpacked-size.js'

/** Compresses the records of a batch. */
export interface BatchCompressor {
  /** The codec's number in the batch's attributes (bits 0-2). */
  readonly attributes: number
  readonly compress: (records: Buffer) => Promise<Buffer>
}

// Within 5 % of the size of zstd's default, level 3, on events, for half to three quarters of its CPU (test/bench/publish.ts).
const ZSTD_LEVEL = 1

const COMPRESSORS = {
  lz4: { attributes: 3, compress: async (records) => compressFrameSync(records) },
  zstd: { attributes: 4, compress: (records) => zstdCompress(records, ZSTD_LEVEL) },
} satisfies Readonly<Record<Exclude<Compression, 'none'>, BatchCompressor>>

/** The compressor for a setting; undefined for none. */
export function compressorOf(compression: Compression): BatchCompressor | undefined {
  return compression === 'none' ? undefined : COMPRESSORS[compression]
}

interface Decompressor {
  readonly name: string
  /** A bound of the result, from what the bytes state. @throws RangeError */
  readonly sizeOf: (packed: Buffer) => number
  /** @param size the result of `sizeOf` */
  readonly unpack: (packed: Buffer, size: number) => Promise<Buffer>
}

const gunzipped = promisify<Buffer, { maxOutputLength: number; chunkSize: number }, Buffer>(gunzip)
const LEAST_CHUNK_BYTES = 64

/** By the number in the attributes. */
const DECOMPRESSORS: readonly (Decompressor | undefined)[] = [
  undefined,
  {
    name: 'gzip',
    sizeOf: gzipUnpackedBytes,
    // One chunk for the whole result: no list of chunks, no copy.
    unpack: (packed, size) => gunzipped(packed, { maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size, LEAST_CHUNK_BYTES) }),
  },
  { name: 'snappy', sizeOf: snappyUnpackedBytes, unpack: async (packed, size) => unpackSnappy(packed, size) },
  { name: 'lz4', sizeOf: lz4UnpackedBytes, unpack: async (packed) => decompressFrameSync(packed) },
  { name: 'zstd', sizeOf: zstdUnpackedBytes, unpack: (packed) => zstdDecompress(packed) },
]

/**
 * How many bytes compressed records unpack to at most, by what they state. Reads only the headers of their blocks.
 * @throws RangeError if that is more than `most`, or the bytes are not of the codec
 */
export function unpackedBytesOf(codec: number, packed: Buffer, most = MAX_UNPACKED_BYTES): number {
  const { name, sizeOf } = decompressorOf(codec)
  return boundedUnpackedBytes(name, sizeOf, packed, most)
}

/** Decompresses records. @param size the result of {@link unpackedBytesOf}. Rejects for corrupt bytes. */
export async function unpackRecords(codec: number, packed: Buffer, size: number): Promise<Buffer> {
  return await decompressorOf(codec).unpack(packed, size)
}

/** Decompresses the records of a batch that we wrote. @param attributes the codec's number, 0 for plain */
export async function plainRecords(attributes: number, records: Buffer): Promise<Buffer> {
  return attributes === 0 ? records : await unpackRecords(attributes, records, unpackedBytesOf(attributes, records))
}

function decompressorOf(codec: number): Decompressor {
  const decompressor = DECOMPRESSORS[codec]
  if (decompressor === undefined) throw new RangeError(`unknown codec ${String(codec)}`)
  return decompressor
}

function unpackSnappy(packed: Buffer, size: number): Buffer {
  const unpack = (block: Buffer): Buffer => snappyUncompress(block, { asBuffer: true }) as Buffer
  const blocks = snappyBlocks(packed)
  const [only] = blocks
  if (only !== undefined && blocks.length === 1) return unpack(only)
  const unpacked = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const block of blocks) at += unpack(block).copy(unpacked, at)
  return unpacked
}

/** Lets kafkajs read and write every codec that another producer may use. Idempotent. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  const register = (codec: number, compress: BatchCompressor['compress']): void => {
    CompressionCodecs[codec as keyof typeof CompressionCodecs] = () => ({
      compress: ({ buffer }: { buffer: Buffer }) => compress(buffer),
      decompress: (buffer: Buffer) => plainRecords(codec, buffer),
    })
  }
  register(CompressionTypes.LZ4, COMPRESSORS.lz4.compress)
  register(CompressionTypes.ZSTD, COMPRESSORS.zstd.compress)
  register(CompressionTypes.Snappy, snappyCompress)
  register(CompressionTypes.GZIP, promisify<Buffer, Buffer>(gzip))
}
