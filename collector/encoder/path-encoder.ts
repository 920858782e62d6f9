// Paths of an event, and the arguments of the call. The path is the kernel's own if it could resolve the file. Otherwise it is
// built from the argument and the folder in the record, without `.`, `..` and double slashes. Symbolic links before a `..` are not resolved.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import { PATH_SOURCE_SYMBOLS } from '../../schemas/generated/types.js'
import { pathOfWalked, placeBytes, reverseWalkedPath, walkedPathLength, type PathSpan } from '../ring-events/record-texts.js'
import { TEXT } from '../../native/generated/layout.js'
import { type CallTime, type LocatedPath, type PathLocator, type PlaceFacts } from '../mounts/host-paths.js'
import { type RawTexts, writeText, writeWalkedPath } from './text-encoder.js'

/** Indexes of the symbols of PathSource. */
export const PATH_SOURCE = {
  unknown: PATH_SOURCE_SYMBOLS.indexOf('UNKNOWN'),
  kernel: PATH_SOURCE_SYMBOLS.indexOf('kernel'),
  argument: PATH_SOURCE_SYMBOLS.indexOf('argument'),
} as const

/** Writes paths; texts that are not valid UTF-8 also go into `raw`. */
export class PathEncoder {
  readonly #raw: RawTexts
  readonly #built = new ArgumentPath()
  readonly #locator: PathLocator
  /** Where the path written last lies. */
  place: PlaceFacts | null = null

  constructor(raw: RawTexts, locator: PathLocator) {
    this.#raw = raw
    this.#locator = locator
  }

  /**
   * Writes the union of null and the path.
   * @param located the walked path is that of the file itself; null when it is a folder or there is none
   * @param at process and time of the call
   * @returns the source of the path, an index of PATH_SOURCE
   */
  write(writer: AvroWriter, bytes: Uint8Array, path: PathSpan, located: LocatedPath | null, field: string, at: CallTime): number {
    const { start, pathEnd, isPathTruncated } = path
    if (located !== null && (pathEnd > start || !isPathTruncated)) {
      this.place = located.place
      writer.int(1)
      if (located.hostPath !== null) this.#text(writer, located.hostPath, 0, located.hostPath.length, field)
      else if (!writeWalkedPath(writer, bytes, start, pathEnd, isPathTruncated)) {
        this.#raw.add(field, pathOfWalked(bytes, start, pathEnd, isPathTruncated))
      }
      return PATH_SOURCE.kernel
    }
    this.place = null
    const { hasArgument } = path
    writer.int(hasArgument ? 1 : 0)
    if (!hasArgument) return PATH_SOURCE.unknown
    const built = this.#built
    built.set(bytes, path)
    const { hostPath, place } = this.#locator.argument(bytes, path, built.bytes.subarray(0, built.length), at)
    this.place = place
    if (hostPath === null) this.#text(writer, built.bytes, 0, built.length, field)
    else this.#text(writer, hostPath, 0, hostPath.length, field)
    return PATH_SOURCE.argument
  }

  /** The same of the root that a process has given itself: by its path on the host, or as the call named it where there is none. */
  writeRoot(writer: AvroWriter, bytes: Uint8Array, path: PathSpan, field: string): number {
    const located = this.#locator.root(bytes, path)
    this.place = located.place
    if (located.hostPath !== null) {
      writer.int(1)
      this.#text(writer, located.hostPath, 0, located.hostPath.length, field)
      return PATH_SOURCE.kernel
    }
    writer.int(path.hasArgument ? 1 : 0)
    if (!path.hasArgument) return PATH_SOURCE.unknown
    this.#text(writer, bytes, path.pathEnd, path.argumentEnd, field)
    return PATH_SOURCE.argument
  }

  #text(writer: AvroWriter, bytes: Uint8Array, start: number, end: number, field: string): void {
    if (!writeText(writer, bytes, start, end)) this.#raw.add(field, bytes, start, end)
  }

  /** Writes the union of null and the argument. */
  writeArgument(writer: AvroWriter, bytes: Uint8Array, path: PathSpan, field: string): void {
    const { hasArgument, pathEnd, argumentEnd } = path
    writer.int(hasArgument ? 1 : 0)
    if (hasArgument && !writeText(writer, bytes, pathEnd, argumentEnd)) this.#raw.add(field, bytes, pathEnd, argumentEnd)
  }
}

/** Whether a part of the path is missing. */
export function isPathCut(source: number, path: PathSpan): boolean {
  if (source === PATH_SOURCE.kernel) return path.isPathTruncated
  // Here the path flag is that of the folder.
  return (path.flags & (TEXT.argumentTruncated | TEXT.pathTruncated)) !== 0
}

const SLASH = 0x2f
const DOT = 0x2e

/** The path built last: bytes[0, length), absolute if the record contains the folder. */
class ArgumentPath {
  bytes: Uint8Array = new Uint8Array(16 * 1024)
  length = 0

  /** Builds the path of a call in `source`. */
  set(source: Uint8Array, path: PathSpan): void {
    const { start, pathEnd, argumentEnd, isBase } = path
    const room = argumentEnd - start + 2
    if (this.bytes.length < room) this.bytes = new Uint8Array(room)
    let at = 0
    // Another thread may have made the argument absolute after the program read it.
    if (isBase && source[pathEnd] !== SLASH) {
      const isCut = path.isPathTruncated
      reverseWalkedPath(source, start, pathEnd, isCut, this.bytes, 0)
      at = walkedPathLength(pathEnd - start, isCut)
      this.bytes[at++] = SLASH
    }
    placeBytes(source, pathEnd, argumentEnd, this.bytes, at)
    at += argumentEnd - pathEnd
    this.length = this.bytes[0] === SLASH ? normalizePath(this.bytes, at) : at
  }
}

/** Normalizes the absolute path bytes[0, end) in place. @returns its new length */
function normalizePath(bytes: Uint8Array, end: number): number {
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
      // At least one slash precedes the component, so this never overwrites unread bytes.
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
