// The path of an open that has no file to ask (it was refused, or its descriptor is closed already): made from the argument of the call.
// A relative one stands behind the folder that the record tells; then `.`, `..` and double slashes go, so that a rule sees one spelling.
// By letter, as no file system can be asked afterwards: what a symbolic link before a `..` would have changed is not known.
import { placeBytes } from '../ring-events/copy-bytes.js'
import type { OpenRecord } from '../ring-events/open-record.js'
import { TEXT } from '../ring-events/text-flags.js'
import { turnWalkedPath, walkedPathLength } from '../ring-events/walked-path.js'

const SLASH = 0x2f
const DOT = 0x2e

/** The path that was made last: bytes[0, length), absolute wherever the folder was told. */
export class ArgumentPath {
  bytes: Uint8Array = new Uint8Array(16 * 1024)
  length = 0

  /** Makes the path of the open in `source`. */
  set(source: Uint8Array, record: OpenRecord): void {
    const { pathStart, pathEnd, argumentEnd, textFlags } = record
    const isBase = (textFlags & TEXT.pathIsBase) !== 0
    const room = argumentEnd - pathStart + 2
    if (this.bytes.length < room) this.bytes = new Uint8Array(room)
    let at = 0
    if (isBase) {
      const isCut = (textFlags & TEXT.pathTruncated) !== 0
      turnWalkedPath(source, pathStart, pathEnd, isCut, this.bytes, 0)
      at = walkedPathLength(pathEnd - pathStart, isCut)
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
