// Where a path stands in a record: what a program walked, and behind it the argument as the call gave it.
import { TEXT } from './text-flags.js'
import { isWalkedPath } from './walked-path.js'

/** bytes[start, pathEnd) is a walked path, bytes[pathEnd, argumentEnd) a raw text. */
export class PathSpan {
  start = 0
  pathEnd = 0
  argumentEnd = 0
  /** Bits of TEXT. */
  flags = 0

  set(start: number, pathLength: number, argumentLength: number, flags: number): void {
    this.start = start
    this.pathEnd = start + pathLength
    this.argumentEnd = this.pathEnd + argumentLength
    this.flags = flags
  }

  /** The argument was there to read. */
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

  /** False for a record that is malformed. */
  isWhole(bytes: Uint8Array): boolean {
    return this.argumentEnd <= bytes.length && isWalkedPath(bytes, this.start, this.pathEnd)
  }
}
