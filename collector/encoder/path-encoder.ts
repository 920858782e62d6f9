// A path of an event, and the argument that it was given as: the kernel's own where a file could be asked, else made from the argument.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import { PATH_SOURCE_SYMBOLS } from '../../schemas/generated/types.js'
import type { PathSpan } from '../ring-events/path-span.js'
import { TEXT } from '../ring-events/text-flags.js'
import { pathOfWalked } from '../ring-events/walked-path.js'
import { ArgumentPath } from './argument-path.js'
import type { RawTexts } from './raw-texts.js'
import { writeText, writeWalkedPath } from './text-encoder.js'

/** Indexes of the symbols of PathSource. */
export const PATH_SOURCE = {
  unknown: PATH_SOURCE_SYMBOLS.indexOf('UNKNOWN'),
  kernel: PATH_SOURCE_SYMBOLS.indexOf('kernel'),
  argument: PATH_SOURCE_SYMBOLS.indexOf('argument'),
} as const

/** Writes paths, and texts that are no UTF-8 into `raw`. */
export class PathEncoder {
  readonly #raw: RawTexts
  readonly #made = new ArgumentPath()

  constructor(raw: RawTexts) {
    this.#raw = raw
  }

  /**
   * Writes the union of null and the path.
   * @param hasFile the walked path is that of the file itself
   * @returns where it is from, an index of PATH_SOURCE
   */
  write(writer: AvroWriter, bytes: Uint8Array, path: PathSpan, hasFile: boolean, field: string): number {
    const { start, pathEnd, isPathTruncated } = path
    if (hasFile && (pathEnd > start || !isPathTruncated)) {
      writer.int(1)
      if (!writeWalkedPath(writer, bytes, start, pathEnd, isPathTruncated)) {
        this.#raw.add(field, pathOfWalked(bytes, start, pathEnd, isPathTruncated))
      }
      return PATH_SOURCE.kernel
    }
    const { hasArgument } = path
    writer.int(hasArgument ? 1 : 0)
    if (!hasArgument) return PATH_SOURCE.unknown
    const made = this.#made
    made.set(bytes, path)
    if (!writeText(writer, made.bytes, 0, made.length)) this.#raw.add(field, made.bytes, 0, made.length)
    return PATH_SOURCE.argument
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
  // The path flag is that of the folder here.
  return (path.flags & (TEXT.argumentTruncated | TEXT.pathTruncated)) !== 0
}
