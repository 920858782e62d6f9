// Paths of the files of an interval, by cgroup, device and inode. A file that is first used while the tables are swapped has its path in the reading
// before its counts, so the previous reading is kept too.
import {
  FILE_KEY_DEVICE,
  FILE_KEY_INODE,
  FILE_PATH_BYTES,
  FILE_PATH_FLAGS,
  FILE_PATH_LENGTH,
  FILE_PATH_NAMES,
  FILE_PATH_TRUNCATED,
  PATH_KEY_BYTES,
  PATH_KEY_CGROUP_ID,
  PATH_KEY_DEVICE,
  PATH_KEY_INODE,
  USAGE_OWNER_CGROUP_ID,
} from '../../../native/generated/layout.js'
import { pathOfWalked } from '../../ring-events/record-texts.js'

/** Key and value of the table. */
const ENTRY_BYTES = PATH_KEY_BYTES + FILE_PATH_BYTES

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
      const isPathTruncated = (bytes.readUInt32LE(at + PATH_KEY_BYTES + FILE_PATH_FLAGS) & FILE_PATH_TRUNCATED) !== 0
      const end = Math.min(
        at + PATH_KEY_BYTES + FILE_PATH_NAMES + bytes.readUInt32LE(at + PATH_KEY_BYTES + FILE_PATH_LENGTH),
        at + ENTRY_BYTES,
      )
      const path = Buffer.from(pathOfWalked(bytes, at + PATH_KEY_BYTES + FILE_PATH_NAMES, end, isPathTruncated)).toString('utf8')
      this.#now.set(keyOf(bytes, at + PATH_KEY_CGROUP_ID, at + PATH_KEY_INODE, at + PATH_KEY_DEVICE), { path, isPathTruncated })
    }
  }

  /** The path of the file whose key is at `at`. */
  of(bytes: Buffer, at: number): FilePath {
    const key = keyOf(bytes, at + USAGE_OWNER_CGROUP_ID, at + FILE_KEY_INODE, at + FILE_KEY_DEVICE)
    return this.#now.get(key) ?? this.#before.get(key) ?? UNKNOWN
  }
}

function keyOf(bytes: Buffer, cgroupAt: number, inodeAt: number, deviceAt: number): string {
  const part = (at: number, length: number): string => bytes.toString('latin1', at, at + length)
  return part(cgroupAt, 8) + part(inodeAt, 8) + part(deviceAt, 4)
}
