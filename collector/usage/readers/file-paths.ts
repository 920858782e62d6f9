// Paths of the files of an interval, by cgroup, device and inode. A file that is first used while the tables are turned has its path in the reading
// before its counts: so that one is kept, too.
import { pathOfWalked } from '../../ring-events/walked-path.js'

/** struct path_key, struct file_path. */
const PATH = { length: 24, flags: 28, bytes: 32 } as const
const PATH_BYTES = 800
const TRUNCATED = 1
/** Where struct file_key has what struct path_key is made of. */
const FILE = { cgroupId: 8, inode: 24, device: 32 } as const

/** A path as records have it; what is no UTF-8 becomes U+FFFD. */
export interface FilePath {
  readonly path: string | null
  readonly isPathTruncated: boolean
}

const UNKNOWN: FilePath = { path: null, isPathTruncated: false }

/** Follows the table of paths. */
export class FilePaths {
  #now = new Map<string, FilePath>()
  #before = new Map<string, FilePath>()

  /** A reading of the table. */
  next(bytes: Buffer): void {
    this.#before = this.#now
    this.#now = new Map()
    for (let at = 0; at + PATH_BYTES <= bytes.length; at += PATH_BYTES) {
      const isPathTruncated = (bytes.readUInt32LE(at + PATH.flags) & TRUNCATED) !== 0
      const end = Math.min(at + PATH.bytes + bytes.readUInt32LE(at + PATH.length), at + PATH_BYTES)
      const path = Buffer.from(pathOfWalked(bytes, at + PATH.bytes, end, isPathTruncated)).toString('utf8')
      this.#now.set(keyOf(bytes, at, at + 8, at + 16), { path, isPathTruncated })
    }
  }

  /** The path of the file whose key stands at `at`. */
  of(bytes: Buffer, at: number): FilePath {
    const key = keyOf(bytes, at + FILE.cgroupId, at + FILE.inode, at + FILE.device)
    return this.#now.get(key) ?? this.#before.get(key) ?? UNKNOWN
  }
}

function keyOf(bytes: Buffer, cgroupAt: number, inodeAt: number, deviceAt: number): string {
  const part = (at: number, length: number): string => bytes.toString('latin1', at, at + length)
  return part(cgroupAt, 8) + part(inodeAt, 8) + part(deviceAt, 4)
}
