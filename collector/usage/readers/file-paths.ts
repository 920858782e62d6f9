// Paths of the files of an interval, by cgroup, device and inode. A file that is first used while the tables are swapped has its path in the reading
// before its counts, so the previous reading is kept too.
import { FILE_KEY, FILE_PATH, FILE_PATH_TRUNCATED, PATH_KEY, USAGE_OWNER } from '../../../native/generated/layout.js'
import { pathOfWalked } from '../../ring-events/record-texts.js'

/** Key and value of the table. */
const ENTRY_BYTES = PATH_KEY.bytes + FILE_PATH.bytes

/** A path as in records: invalid UTF-8 is replaced by U+FFFD. */
export interface FilePath {
  readonly path: string | null
  readonly isPathTruncated: boolean
}

const UNKNOWN: FilePath = { path: null, isPathTruncated: false }

/** Paths of the last two readings. */
export class FilePaths {
  #now = new Map<string, FilePath>()
  #before = new Map<string, FilePath>()

  /** Takes the next reading of the table. */
  next(bytes: Buffer): void {
    this.#before = this.#now
    this.#now = new Map()
    for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
      const isPathTruncated = (bytes.readUInt32LE(at + PATH_KEY.bytes + FILE_PATH.flags) & FILE_PATH_TRUNCATED) !== 0
      const end = Math.min(
        at + PATH_KEY.bytes + FILE_PATH.names + bytes.readUInt32LE(at + PATH_KEY.bytes + FILE_PATH.length),
        at + ENTRY_BYTES,
      )
      const path = Buffer.from(pathOfWalked(bytes, at + PATH_KEY.bytes + FILE_PATH.names, end, isPathTruncated)).toString('utf8')
      this.#now.set(keyOf(bytes, at + PATH_KEY.cgroupId, at + PATH_KEY.inode, at + PATH_KEY.device), { path, isPathTruncated })
    }
  }

  /** The path of the file whose key is at `at`. */
  of(bytes: Buffer, at: number): FilePath {
    const key = keyOf(bytes, at + USAGE_OWNER.cgroupId, at + FILE_KEY.inode, at + FILE_KEY.device)
    return this.#now.get(key) ?? this.#before.get(key) ?? UNKNOWN
  }
}

function keyOf(bytes: Buffer, cgroupAt: number, inodeAt: number, deviceAt: number): string {
  const part = (at: number, length: number): string => bytes.toString('latin1', at, at + length)
  return part(cgroupAt, 8) + part(inodeAt, 8) + part(deviceAt, 4)
}
