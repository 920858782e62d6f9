// The port to where the objects of the archive are: a folder, or a bucket. Objects are whole and never change; what they mean is in their entries.
import { EunomiaError } from '../../../infra/process/errors.js'

/** An object that is there. */
export interface StoredObject {
  /** Relative, with slashes: `process/2026-11-28T06/0-00000000000000000000-5c1e0a9d3b47.parquet`. */
  readonly name: string
  readonly bytes: number
  /** Unix milliseconds. */
  readonly modifiedMs: number
}

/** Objects by name. Names that `checkObjectName` refuses are refused by every method with an ObjectNameError. */
export interface ObjectStore {
  /** What it is, without secrets: for messages. */
  readonly description: string
  /** Writes a whole object, or nothing that `list` names. Writing the same again is no error. @throws EunomiaError, retryable when it may pass */
  put(name: string, content: Uint8Array): Promise<void>
  /** Reads a whole object. @throws ObjectMissingError; EunomiaError */
  get(name: string, signal?: AbortSignal): Promise<Uint8Array>
  /** Removes an object; it may be gone already. */
  remove(name: string): Promise<void>
  /** Objects whose names begin with `prefix`, in any order. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Where the object is in the file system, for readers that map it; null for a bucket. */
  fileOf(name: string): string | null
  /** Removes what writes that were cut off have left before a time, Unix milliseconds, where a store may have such. */
  sweep?(beforeMs: number): Promise<void>
  /** Ends connections. */
  close(): Promise<void>
}

/** There is no object of this name. */
export class ObjectMissingError extends EunomiaError {
  static override readonly code = 'EUNOMIA_ARCHIVE_OBJECT'
}

/** A name that could lead out of the archive. */
export class ObjectNameError extends EunomiaError {
  static override readonly code = 'EUNOMIA_ARCHIVE_OBJECT'
}

const MOST_NAME_BYTES = 900
const MOST_PART_BYTES = 200

/** @throws ObjectNameError for a name that could lead out of the archive, or that not every store takes */
export function checkObjectName(name: string): void {
  const isSafe =
    name.length <= MOST_NAME_BYTES &&
    /^[\x21-\x5b\x5d-\x7e]+$/.test(name) &&
    name.split('/').every((part) => part !== '' && !part.startsWith('.') && part.length <= MOST_PART_BYTES)
  if (!isSafe) throw new ObjectNameError(`${JSON.stringify(name.slice(0, MOST_PART_BYTES))} is no name of an object`)
}
