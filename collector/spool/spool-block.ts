// One block of a segment: a head, and the records of one batch, each with its own checksum. Bytes only, no file.
//
// head, big-endian: magic u32 | CRC32C of the rest of the head u32 | head bytes u32 | body bytes u32 | CRC32C of the body u32 | records u32 |
// records of the segment before it u32 | attributes u16 | accounts u16 | base time f64 | latest time f64 |
// per account: bytes of the kind u8, kind, cpu i16, records u32
import { crc32c, type RecordBody } from '../../infra/topic-log/body-appender.js'
import type { AccountCount } from './spool-listener.js'

/** "EUB1": used to find the next whole block after damage. */
export const BLOCK_MAGIC = 0x45554231

const CRC_AT = 4
const CHECKED_AT = 8
const FIXED_BYTES = 48
const ACCOUNT_BYTES = 7
const MOST_HEAD_BYTES = 1 << 20
const MOST_KIND_BYTES = 255

/** The decoded head of a block. */
export interface BlockHead extends Omit<RecordBody, 'records'> {
  readonly headBytes: number
  readonly bodyBytes: number
  readonly bodyCrc: number
  /** Records in the blocks of the segment before it: a gap in them is the number of damaged records. */
  readonly recordsBefore: number
  readonly accounts: readonly AccountCount[]
}

/** Encodes the head of a block. */
export function encodeHead(body: RecordBody, accounts: readonly AccountCount[], recordsBefore: number): Buffer {
  const kinds = accounts.map(({ kind }) => Buffer.from(kind).subarray(0, MOST_KIND_BYTES))
  const head = Buffer.alloc(kinds.reduce((sum, kind) => sum + ACCOUNT_BYTES + kind.length, FIXED_BYTES))
  head.writeUInt32BE(BLOCK_MAGIC)
  let at = head.writeUInt32BE(head.length, CHECKED_AT)
  at = head.writeUInt32BE(body.records.length, at)
  at = head.writeUInt32BE(crc32c(body.records), at)
  at = head.writeUInt32BE(body.count, at)
  at = head.writeUInt32BE(recordsBefore, at)
  at = head.writeUInt16BE(body.attributes, at)
  at = head.writeUInt16BE(accounts.length, at)
  at = head.writeDoubleBE(body.baseTimestampMs, at)
  at = head.writeDoubleBE(body.maxTimestampMs, at)
  accounts.forEach(({ cpu, count }, index) => {
    const kind = kinds[index] ?? Buffer.alloc(0)
    at = head.writeUInt8(kind.length, at)
    at += kind.copy(head, at)
    at = head.writeInt16BE(cpu, at)
    at = head.writeUInt32BE(count, at)
  })
  head.writeUInt32BE(crc32c(head.subarray(CHECKED_AT)), CRC_AT)
  return head
}

/** Decodes the head at `at`; null when there is no whole head. */
export function decodeHead(bytes: Buffer, at: number): BlockHead | null {
  if (at + FIXED_BYTES > bytes.length || bytes.readUInt32BE(at) !== BLOCK_MAGIC) return null
  const headBytes = bytes.readUInt32BE(at + CHECKED_AT)
  if (headBytes < FIXED_BYTES || headBytes > MOST_HEAD_BYTES || at + headBytes > bytes.length) return null
  const head = bytes.subarray(at, at + headBytes)
  if (crc32c(head.subarray(CHECKED_AT)) !== head.readUInt32BE(CRC_AT)) return null
  return {
    headBytes,
    bodyBytes: head.readUInt32BE(12),
    bodyCrc: head.readUInt32BE(16),
    count: head.readUInt32BE(20),
    recordsBefore: head.readUInt32BE(24),
    attributes: head.readUInt16BE(28),
    baseTimestampMs: head.readDoubleBE(32),
    maxTimestampMs: head.readDoubleBE(40),
    accounts: readAccounts(head, head.readUInt16BE(30)),
  }
}

/** Claimed length of the head at `at`: the bytes that `decodeHead` needs. */
export function headBytesAt(bytes: Buffer, at: number): number {
  return at + FIXED_BYTES > bytes.length
    ? FIXED_BYTES
    : Math.min(Math.max(bytes.readUInt32BE(at + CHECKED_AT), FIXED_BYTES), MOST_HEAD_BYTES)
}

/** True when the body matches the checksum of its head. */
export function isBodyWhole(head: BlockHead, body: Buffer): boolean {
  return body.length === head.bodyBytes && crc32c(body) === head.bodyCrc
}

function readAccounts(head: Buffer, accounts: number): AccountCount[] {
  const counts: AccountCount[] = []
  let at = FIXED_BYTES
  for (let index = 0; index < accounts; index++) {
    const kindBytes = head.readUInt8(at)
    const kind = head.toString('utf8', at + 1, at + 1 + kindBytes)
    at += 1 + kindBytes
    counts.push({ kind, cpu: head.readInt16BE(at), count: head.readUInt32BE(at + 2) })
    at += 6
  }
  return counts
}
