// The path of a call that has no file to ask (it was refused, its descriptor is closed already, or it gives none): made from its argument.
// A relative one stands behind the folder that the record tells; then `.`, `..` and double slashes go, so that a rule sees one spelling.
// By letter, as no file system can be asked afterwards: what a symbolic link before a `..` would have changed is not known.
import { placeBytes } from '../ring-events/copy-bytes.js'
import type { PathSpan } from '../ring-events/path-span.js'
import { turnWalkedPath, walkedPathLength } from '../ring-events/walked-path.js'

const SLASH = 0x2f
const DOT = 0x2e

/** The path that was made last: bytes[0, length), absolute wherever the folder was told. */
export class ArgumentPath {
  bytes: Uint8Array = new Uint8Array(16 * 1024)
  length = 0

  /** Makes the path of a call in `source`. */
  set(source: Uint8Array, path: PathSpan): void {
    const { start, pathEnd, argumentEnd, isBase } = path
    const room = argumentEnd - start + 2
    if (this.bytes.length < room) this.bytes = new Uint8Array(room)
    let at = 0
    // Another thread may have made the argument absolute since the program looked.
    if (isBase && source[pathEnd] !== SLASH) {
      const isCut = path.isPathTruncated
      turnWalkedPath(source, start, pathEnd, isCut, this.bytes, 0)
      at = walkedPathLength(pathEnd - start, isCut)
      this.bytes[at++] = SLASH
    }
    placeBytes(source, pathEnd, argumentEnd, this.bytes, at)
    at += argumentEnd - pathEnd
    this.length = this.bytes[0] === SLASH ? normalisePath(this.bytes, at) : at
  }
}

/** Normalises the absolute path bytes[0, end) where it stands. @returns its new length */
export function normalisePath(bytes: Uint8Array, end: number): number {
  let length = 0
  for (let from = 0; from < end;) {
    if (bytes[from] === SLASH) {
      from++
      continue
    }
    let to = from
    while (to < end && bytes[to] !== SLASH) to++
    const isDots = bytes[from] === DOT && (to - from === 1 || (to - from === 2 && bytes[from + 1] === DOT))
    if (!isDots) {
      // At least one slash stood before the component, so this never writes over what is not read yet.
      bytes[length++] = SLASH
      bytes.copyWithin(length, from, to)
      length += to - from
    } else if (to - from === 2) {
      while (length > 0 && bytes[--length] !== SLASH);
    }
    from = to
  }
  if (length === 0) bytes[length++] = SLASH
  return length
}
