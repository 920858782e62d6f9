// Record batches byte by byte, from the protocol's specification, with any field wrong that a test wants.
// See https://kafka.apache.org/documentation/#recordbatch
import { gzipSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'

/** One record. */
export interface RecordFields {
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  /** Default: its index. */
  readonly offsetDelta?: number
  readonly timestampDelta?: bigint
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[]
}

/** The fields of a batch. The records may also be given as bytes. */
export interface BatchFields {
  readonly baseOffset?: bigint
  readonly records: readonly RecordFields[] | Buffer
  readonly count?: number
  readonly lastOffsetDelta?: number
  readonly length?: number
  readonly magic?: number
  readonly crc?: number
  readonly attributes?: number
  readonly baseTimestamp?: bigint
  readonly maxTimestamp?: bigint
  readonly producerId?: bigint
}

/** Attributes. */
export const GZIP = 1
export const SNAPPY = 2
export const LZ4 = 3
export const ZSTD = 4
export const APPEND_TIME = 8
export const TRANSACTIONAL = 16
export const CONTROL = 32

/** A zigzag varint of 64 bits. */
export function varint(value: bigint | number): Buffer {
  const signed = BigInt(value)
  let rest = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n))
  const bytes: number[] = []
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

/** Bytes with their length; -1 for null. */
const field = (bytes: Buffer | null): Buffer => (bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]))

export function recordBytes({ key = null, value = null, offsetDelta = 0, timestampDelta = 0n, headers = [] }: RecordFields): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(timestampDelta),
    varint(offsetDelta),
    field(key),
    field(value),
    varint(headers.length),
    ...headers.flatMap(([name, content]) => [field(Buffer.from(name)), field(content)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

export function recordsBytes(records: readonly RecordFields[]): Buffer {
  return Buffer.concat(records.map((record, index) => recordBytes({ offsetDelta: index, ...record })))
}

export function batchBytes(fields: BatchFields): Buffer {
  const { records, attributes = 0, baseTimestamp = 1_700_000_000_000n, producerId = -1n } = fields
  const body = records instanceof Buffer ? records : recordsBytes(records as readonly RecordFields[])
  const count = fields.count ?? records.length
  const batch = Buffer.alloc(61 + body.length)
  batch.writeBigInt64BE(fields.baseOffset ?? 0n, 0)
  batch.writeInt32BE(fields.length ?? batch.length - 12, 8)
  batch.writeInt32BE(0, 12) // leader epoch
  batch.writeInt8(fields.magic ?? 2, 16)
  batch.writeInt16BE(attributes, 21)
  batch.writeInt32BE(fields.lastOffsetDelta ?? Math.max(count - 1, 0), 23)
  batch.writeBigInt64BE(baseTimestamp, 27)
  batch.writeBigInt64BE(fields.maxTimestamp ?? baseTimestamp, 35)
  batch.writeBigInt64BE(producerId, 43)
  batch.writeInt16BE(producerId < 0n ? -1 : 0, 51)
  batch.writeInt32BE(producerId < 0n ? -1 : 0, 53)
  batch.writeInt32BE(count, 57)
  body.copy(batch, 61)
  batch.writeUInt32BE(fields.crc ?? crc32c(batch.subarray(21)), 17)
  return batch
}

/** A batch of plain values. */
export function valuesBatch(baseOffset: number, values: readonly string[], fields: Partial<BatchFields> = {}): Buffer {
  return batchBytes({ baseOffset: BigInt(baseOffset), records: values.map((value) => ({ value: Buffer.from(value) })), ...fields })
}

export function gzippedBatch(baseOffset: number, values: readonly string[]): Buffer {
  const records = gzipSync(recordsBytes(values.map((value) => ({ value: Buffer.from(value) }))))
  return batchBytes({ baseOffset: BigInt(baseOffset), records, count: values.length, attributes: GZIP })
}

/** The marker that ends a transaction. */
export function markerBatch(baseOffset: number, producerId: bigint, type: 'abort' | 'commit'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  return batchBytes({
    baseOffset: BigInt(baseOffset),
    records: [{ key, value: Buffer.alloc(6) }],
    attributes: TRANSACTIONAL | CONTROL,
    producerId,
  })
}

/** A message of format 0 or 1; with a codec, `value` is a nested set. */
export function oldMessage(offset: number, magic: 0 | 1, value: Buffer, codec = 0): Buffer {
  const body = Buffer.concat([
    Buffer.from([magic, codec]),
    ...(magic === 1 ? [Buffer.alloc(8)] : []),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    int32(value.length),
    value,
  ])
  return Buffer.concat([int64(BigInt(offset)), int32(body.length + 4), int32(0), body])
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}
