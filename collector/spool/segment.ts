// One file of the spool: blocks of one topic in order. Only the run that created it appends to it. It is read from the front and removed as a whole.
// A block is written with one system call, so it is whole or a torn tail.
//
// header, big-endian: "EUNSPOL1" | end of the settled part f64 | key bytes u32 | CRC32C of the key u32 | key
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { join } from 'node:path'
import { OWN_FILE } from '../../infra/process/state-folder.js'
import { crc32c, type RecordBody } from '../../infra/topic-log/body-appender.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { AccountCounts, type AccountCount } from './spool-listener.js'
import { readAt, readHead, scanSegment } from './segment-scan.js'
import { encodeHead, isBodyWhole, type BlockHead } from './spool-block.js'

const MAGIC = Buffer.from('EUNSPOL1')
const SETTLED_AT = 8
const KEY_AT = 24
const MOST_KEY_BYTES = 1024

/** A block as read: its records, or null when they are damaged. */
export interface ReadBlock {
  readonly body: RecordBody | null
  readonly accounts: readonly AccountCount[]
  readonly end: number
}

/** A file of an earlier run. */
export interface FoundSegment {
  readonly segment: Segment
  readonly tornBytes: number
  readonly damagedRecords: number
}

/** A segment. Throws errors of the file system unchanged. */
export class Segment {
  readonly id: number
  readonly topic: TopicKey
  /** Key of all its records. */
  readonly key: Buffer
  /** Left by an earlier run. */
  readonly isInherited: boolean
  /** Records not yet read, by account. */
  readonly unread: AccountCounts
  bytes: number
  isWritable: boolean
  readonly #path: string
  readonly #fd: number
  readonly #gaps: ReadonlyMap<number, number>
  #records = 0
  #readAt: number
  #settledAt: number
  #writtenSettledAt: number
  #isDirty = false
  #isOpen = true
  /** Pending syncs: the descriptor must not be reused meanwhile. */
  #syncing = 0

  private constructor(path: string, fd: number, id: number, topic: TopicKey, key: Buffer, found: ReturnType<typeof scanSegment> | null) {
    this.#path = path
    this.#fd = fd
    this.id = id
    this.topic = topic
    this.key = key
    this.isInherited = found !== null
    this.isWritable = found === null
    this.unread = found?.counts ?? new AccountCounts()
    this.#gaps = found?.gaps ?? new Map()
    this.bytes = found?.end ?? KEY_AT + key.length
    this.#readAt = found?.firstAt ?? this.bytes
    this.#settledAt = this.#writtenSettledAt = this.#readAt
  }

  /** Creates an empty segment. */
  static create(folder: string, id: number, topic: TopicKey, key: Buffer): Segment {
    const path = join(folder, segmentName(id, topic))
    const fd = openSync(path, 'wx+', 0o600)
    const header = Buffer.alloc(KEY_AT + key.length)
    MAGIC.copy(header)
    header.writeDoubleBE(header.length, SETTLED_AT)
    header.writeUInt32BE(key.length, 16)
    header.writeUInt32BE(crc32c(key), 20)
    key.copy(header, KEY_AT)
    try {
      if (writeSync(fd, header) < header.length) throw noSpace(path)
    } catch (error) {
      closeSync(fd)
      unlinkSync(path)
      throw error
    }
    return new Segment(path, fd, id, topic, key, null)
  }

  /**
   * Opens a segment of an earlier run and truncates its torn tail. Null when the file ends within its header: then it never held safe records.
   * @throws RangeError for an unknown header
   */
  static open(folder: string, id: number, topic: TopicKey): FoundSegment | null {
    const path = join(folder, segmentName(id, topic))
    const fd = openSync(path, constants.O_RDWR | OWN_FILE)
    const { size } = fstatSync(fd)
    const header = readAt(fd, 0, Math.min(size, KEY_AT + MOST_KEY_BYTES))
    const keyBytes = header.length < KEY_AT ? Infinity : header.readUInt32BE(16)
    const key = Buffer.from(header.subarray(KEY_AT, KEY_AT + keyBytes))
    if (size < KEY_AT || (keyBytes <= MOST_KEY_BYTES && size < KEY_AT + keyBytes)) {
      closeSync(fd)
      return null
    }
    if (!header.subarray(0, MAGIC.length).equals(MAGIC) || key.length !== keyBytes || crc32c(key) !== header.readUInt32BE(20)) {
      closeSync(fd)
      throw new RangeError('the file has no segment header')
    }
    const settledAt = header.readDoubleBE(SETTLED_AT)
    const found = scanSegment(fd, KEY_AT + key.length, size, settledAt > 0 ? settledAt : 0)
    if (found.end < size) ftruncateSync(fd, found.end)
    const segment = new Segment(path, fd, id, topic, key, found)
    return { segment, tornBytes: size - found.end, damagedRecords: found.damagedRecords }
  }

  /**
   * Appends a block. After a failure the file is truncated to its previous end, or becomes read-only.
   * @param isRead it is in flight already and will not be read
   * @returns where the block ends
   */
  append(body: RecordBody, accounts: readonly AccountCount[], isRead: boolean): number {
    const head = encodeHead(body, accounts, this.#records)
    const length = head.length + body.records.length
    try {
      if (writevSync(this.#fd, [head, body.records], this.bytes) < length) throw noSpace(this.#path)
    } catch (error) {
      this.#cutBack()
      throw error
    }
    this.bytes += length
    this.#records += body.count
    this.#isDirty = true
    if (isRead) this.#readAt = this.bytes
    else this.unread.add(accounts)
    return this.bytes
  }

  /** Returns the next block; null at the end. An unreadable block has its accounts only. */
  read(): ReadBlock | null {
    this.#readAt = this.#gaps.get(this.#readAt) ?? this.#readAt
    if (this.#readAt >= this.bytes) return null
    const head = this.#tryRead(() => readHead(this.#fd, this.#readAt, this.bytes))
    if (head === null) return this.#giveUpRest()
    const at = this.#readAt + head.headBytes
    const bytes = this.#tryRead(() => readAt(this.#fd, at, head.bodyBytes))
    this.#readAt = at + head.bodyBytes
    this.unread.subtract(head.accounts)
    return { body: bytes !== null && isBodyWhole(head, bytes) ? bodyOf(head, bytes) : null, accounts: head.accounts, end: this.#readAt }
  }

  /** Everything before `end` is settled: it is not sent again, nor by a later run once `savePosition` has written it. */
  settle(end: number): void {
    this.#settledAt = end
  }

  /** True when all blocks are settled. */
  get isSettled(): boolean {
    return this.#settledAt >= this.bytes
  }

  /** Writes the settled position. */
  savePosition(): void {
    if (this.#settledAt === this.#writtenSettledAt || !this.#isOpen) return
    const place = Buffer.alloc(8)
    place.writeDoubleBE(this.#settledAt)
    writeSync(this.#fd, place, 0, place.length, SETTLED_AT)
    this.#writtenSettledAt = this.#settledAt
  }

  /** Syncs written data to the disk. Without `onDone` it is synchronous. */
  sync(onDone?: (error: Error | null) => void): void {
    if (!this.#isDirty || !this.#isOpen) return
    this.#isDirty = false
    if (onDone === undefined) fdatasyncSync(this.#fd)
    else {
      this.#syncing++
      fdatasync(this.#fd, (error) => {
        this.#syncing--
        if (!this.#isOpen && this.#syncing === 0) closeSync(this.#fd)
        onDone(error)
      })
    }
  }

  close(): void {
    if (this.#isOpen && this.#syncing === 0) closeSync(this.#fd)
    this.#isOpen = false
    this.isWritable = false
  }

  /** Removes the file. */
  remove(): void {
    this.close()
    unlinkSync(this.#path)
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#fd, this.bytes)
    } catch {
      this.isWritable = false
    }
  }

  #tryRead<Value>(read: () => Value): Value | null {
    try {
      return read()
    } catch {
      return null
    }
  }

  /** The rest can't be read: block boundaries are unknown. */
  #giveUpRest(): ReadBlock {
    const accounts = this.unread.list()
    this.unread.subtract(accounts)
    this.#readAt = this.bytes
    this.isWritable = false
    return { body: null, accounts, end: this.bytes }
  }
}

/** Name of the file of a segment; names sort by creation. */
export function segmentName(id: number, topic: TopicKey): string {
  return `${String(id).padStart(12, '0')}-${topic}.spool`
}

function bodyOf({ count, baseTimestampMs, maxTimestampMs, attributes }: BlockHead, records: Buffer): RecordBody {
  return { count, baseTimestampMs, maxTimestampMs, attributes, records }
}

function noSpace(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), { code: 'ENOSPC' })
}
