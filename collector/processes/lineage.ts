// Where a process comes from: its ancestors and the arguments of its parent, as they were when it was made or executed a file.
// Computed once per image of the parent and shared by all its children.
import type { EncodedRawTexts } from '../encoder/raw-texts.js'

/** One ancestor at one moment. */
export interface Ancestor {
  readonly pid: number
  readonly startUs: number
  readonly name: Uint8Array
  /** First argument, bounded; empty when it is not known. */
  readonly exe: Uint8Array
  readonly exePath: Uint8Array | null
}

/** Avro bytes of the fields `ancestors` and `parentArgs`, which stand one behind the other. */
export interface EncodedLineage {
  readonly bytes: Uint8Array
  readonly raw: EncodedRawTexts
}

/** Ancestors, parent first, and the parent's arguments, each NUL-terminated, both within the bounds of the process table. */
export class Lineage {
  readonly ancestors: readonly Ancestor[]
  readonly parentArgs: Uint8Array
  /** Kept by the encoder. */
  encoded: EncodedLineage | null = null

  constructor(ancestors: readonly Ancestor[], parentArgs: Uint8Array) {
    this.ancestors = ancestors
    this.parentArgs = parentArgs
  }
}
