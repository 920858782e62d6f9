// Scans the heads of a segment that an earlier run left: its content, damaged parts and torn tail. Bodies are not read:
// their checksums are verified when they are sent.
import { readSync } from 'node:fs'
import { AccountCounts } from './spool-listener.js'
import { BLOCK_MAGIC, decodeHead, headBytesAt, type BlockHead } from './spool-block.js'

const HEAD_READ_BYTES = 4096

/** What a scan found. */
export interface SegmentScan {
  /** Records of whole blocks at or after `from`, by account. */
  readonly counts: AccountCounts
  /** Records of all blocks. */
  readonly records: number
  /** End of the last whole block; bytes after it were never reported as safe, or are damaged. */
  readonly end: number
  /** Start of the first block at or after `from`. */
  readonly firstAt: number
  /** Start of each damaged part, and the next whole block. */
  readonly gaps: ReadonlyMap<number, number>
  /** Records in the gaps. */
  readonly damagedRecords: number
}

/** Scans an open file from `start` to `size`. @param from blocks before it are settled and not counted */
export function scanSegment(fd: number, start: number, size: number, from: number): SegmentScan {
  const counts = new AccountCounts()
  const gaps = new Map<number, number>()
  let [at, records, damagedRecords, firstAt] = [start, 0, 0, -1]
  for (;;) {
    const head = readHead(fd, at, size)
    if (head === null) {
      const next = nextBlock(fd, at + 1, size)
      if (next < 0) break
      gaps.set(at, next)
      const found = readHead(fd, next, size)?.recordsBefore ?? records
      if (next > from) damagedRecords += Math.max(0, found - records)
      records = Math.max(found, records)
      at = next
      continue
    }
    if (at >= from) {
      counts.add(head.accounts)
      if (firstAt < 0) firstAt = at
    }
    records += head.count
    at += head.headBytes + head.bodyBytes
  }
  return { counts, records, end: at, firstAt: firstAt < 0 ? at : firstAt, gaps, damagedRecords }
}

/** The head of the whole block at `at`; null when there is none. @param size end of the readable part */
export function readHead(fd: number, at: number, size: number): BlockHead | null {
  let bytes = readAt(fd, at, Math.min(HEAD_READ_BYTES, size - at))
  const needed = headBytesAt(bytes, 0)
  if (needed > bytes.length && at + needed <= size) bytes = readAt(fd, at, needed)
  const head = decodeHead(bytes, 0)
  return head === null || at + head.headBytes + head.bodyBytes > size ? null : head
}

/** Up to `bytes` bytes at an offset; fewer at the end of the file. */
export function readAt(fd: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, bytes))
  let read = 0
  while (read < buffer.length) {
    const more = readSync(fd, buffer, read, buffer.length - read, at + read)
    if (more === 0) break
    read += more
  }
  return buffer.subarray(0, read)
}

/** Start of the next whole block; -1 for none. */
function nextBlock(fd: number, from: number, size: number): number {
  if (from >= size) return -1
  const magic = Buffer.alloc(4)
  magic.writeUInt32BE(BLOCK_MAGIC)
  const rest = readAt(fd, from, size - from)
  for (let found = rest.indexOf(magic); found >= 0; found = rest.indexOf(magic, found + 1))
    if (readHead(fd, from + found, size) !== null) return from + found
  return -1
}
