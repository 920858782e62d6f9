// The texts of ring records: raw bytes, and paths as a probe walked them, with components from the last to the first, each NUL-terminated
// ("passwd\0etc\0" is /etc/passwd). Converts walked paths to usual paths; knows no events.
import { TEXT } from '../../native/generated/layout.js'
import { PathPlace } from './path-place.js'

/** The bits of enum text_flags for an incomplete text. */
export const TEXT_FAULTS = (TEXT.pathIsBase - 1) | TEXT.shortened

/** Name of each of them in the counters of the heartbeat. */
export const TEXT_FLAG_NAMES: readonly (readonly [name: string, flag: number])[] = Object.entries(TEXT).filter(
  ([, flag]) => (flag & TEXT_FAULTS) !== 0,
)

const SLASH = 0x2f

/** Length of the path of a walked path of `length` bytes. A truncated one has no leading slash: its beginning is missing. */
export function walkedPathLength(length: number, isTruncated: boolean): number {
  if (length === 0) return isTruncated ? 0 : 1
  return isTruncated ? length - 1 : length
}

/** True when all components are complete: a walked path ends with a NUL, or is empty. */
export function isWalkedPath(bytes: Uint8Array, start: number, end: number): boolean {
  return start === end || bytes[end - 1] === 0
}

/**
 * Writes the path of walked[start, end) into target at `at`, which must have room for walkedPathLength bytes.
 * @returns the bitwise OR of all bytes of the path: below 0x80 it is ASCII
 */
export function reverseWalkedPath(
  walked: Uint8Array,
  start: number,
  end: number,
  isTruncated: boolean,
  target: Uint8Array,
  at: number,
): number {
  if (start === end) {
    if (!isTruncated) target[at] = SLASH
    return 0
  }
  let seen = 0
  // End of the next component in the target; the walked bytes are one longer than a path without a leading slash.
  let next = at + walkedPathLength(end - start, isTruncated)
  let from = start
  while (from < end) {
    let to = from
    while (to < end && walked[to] !== 0) to++
    let out = next - (to - from)
    next = out - 1
    if (next >= at) target[next] = SLASH
    while (from < to) {
      const byte = walked[from++] as number
      seen |= byte
      target[out++] = byte
    }
    from = to + 1
  }
  return seen
}

/** The path in a new array. */
export function pathOfWalked(walked: Uint8Array, start: number, end: number, isTruncated: boolean): Uint8Array {
  const path = new Uint8Array(walkedPathLength(end - start, isTruncated))
  reverseWalkedPath(walked, start, end, isTruncated, path, 0)
  return path
}

/** bytes[start, pathEnd) is a walked path, bytes[pathEnd, argumentEnd) a raw text. */
export class PathSpan {
  start = 0
  pathEnd = 0
  argumentEnd = 0
  /** Bits of TEXT. */
  flags = 0
  /** Where the file of the walked path lies, or of an absolute argument the root of the process. */
  readonly place = new PathPlace()

  set(start: number, pathLength: number, argumentLength: number, flags: number): void {
    this.start = start
    this.pathEnd = start + pathLength
    this.argumentEnd = this.pathEnd + argumentLength
    this.flags = flags
  }

  /** The argument could be read. */
  get hasArgument(): boolean {
    return this.argumentEnd > this.pathEnd && (this.flags & TEXT.argumentFault) === 0
  }

  /** The walked path is the folder that a relative argument starts from. */
  get isBase(): boolean {
    return (this.flags & TEXT.pathIsBase) !== 0
  }

  /** The walked path lacks its first components. */
  get isPathTruncated(): boolean {
    return (this.flags & TEXT.pathTruncated) !== 0
  }

  /** Reads the place, if the flags announce one. @returns the position after it; -1 when it is malformed */
  readPlace(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    const { place, flags, start, pathEnd } = this
    if ((flags & TEXT.hasPlace) === 0) return place.clear(at)
    const after = place.read(bytes, view, at, end)
    return place.ownLength <= pathEnd - start ? after : -1
  }

  /** False for a malformed record. */
  isWhole(bytes: Uint8Array): boolean {
    return this.argumentEnd <= bytes.length && isWalkedPath(bytes, this.start, this.pathEnd)
  }
}

/** Up to this length a loop is cheaper than a view of the source, which is one more object for the garbage collector. */
const SHORT = 128

/** Copies source[start, end) into target at `at`. */
export function placeBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  const length = end - start
  if (length > SHORT) target.set(source.subarray(start, end), at)
  else for (let index = 0; index < length; index++) target[at + index] = source[start + index] as number
}

/** A copy of bytes[start, end). */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  placeBytes(bytes, start, end, copy, 0)
  return copy
}
