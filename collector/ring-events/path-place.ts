// struct path_place of bpf/record/event.h: where the file of a walked path lies, and the path from the top of its file system.
import { PATH_PLACE, PLACE_ABOVE_TRUNCATED, PLACE_FOREIGN_ROOT, PLACE_ROOT_UNKNOWN } from '../../native/generated/layout.js'

/** The place read last. */
export class PathPlace {
  /** False for a path of the host's root file system, reached through the host's root: there is nothing more to say. */
  isPresent = false
  /** Of the file below one on overlayfs, when it lies in a layer that is known; else 0. */
  realInodeLow = 0
  realInodeHigh = 0
  realDevice = 0
  device = 0
  mountId = 0
  mountNamespace = 0
  /** Bytes of the walked path that lie in the file's own mount. */
  ownLength = 0
  /** bytes[aboveStart, aboveEnd): the walked path from the top of that mount, or the root of the process, to the top of the file system. */
  aboveStart = 0
  aboveEnd = 0
  magic = 0
  #flags = 0

  /** Null when it is not known. */
  get isForeignRoot(): boolean | null {
    return (this.#flags & PLACE_ROOT_UNKNOWN) !== 0 ? null : (this.#flags & PLACE_FOREIGN_ROOT) !== 0
  }

  /** The path in the file system is not known. */
  get isAboveTruncated(): boolean {
    return (this.#flags & PLACE_ABOVE_TRUNCATED) !== 0
  }

  /** There is none. @returns `at` */
  clear(at: number): number {
    this.isPresent = false
    return at
  }

  /** Reads the place at `at`. @returns the position after it; -1 when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (at + PATH_PLACE.bytes > end) return -1
    const u32 = (offset: number): number => view.getUint32(at + offset, true)
    this.isPresent = true
    this.realInodeLow = u32(PATH_PLACE.realInode)
    this.realInodeHigh = u32(PATH_PLACE.realInode + 4)
    this.realDevice = u32(PATH_PLACE.realDevice)
    this.device = u32(PATH_PLACE.device)
    this.mountId = u32(PATH_PLACE.mountId)
    this.mountNamespace = u32(PATH_PLACE.mountNamespace)
    this.ownLength = u32(PATH_PLACE.ownLength)
    this.magic = u32(PATH_PLACE.magic)
    this.#flags = u32(PATH_PLACE.flags)
    this.aboveStart = at + PATH_PLACE.bytes
    this.aboveEnd = this.aboveStart + u32(PATH_PLACE.aboveLength)
    const isWalked = this.aboveEnd === this.aboveStart || bytes[this.aboveEnd - 1] === 0
    return this.aboveEnd <= end && isWalked ? this.aboveEnd : -1
  }
}
