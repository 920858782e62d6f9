// A rule file in memory, from a disk, a request or a test, of either language; and places in it.
import { createHash } from 'node:crypto'

/** A rule file: the name for messages, and its text. */
export interface RuleFile {
  readonly name: string
  readonly text: string
}

/** Hash of names and texts, the key of what was compiled from the files. */
export function filesHash(files: readonly RuleFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify(files.map((file) => [file.name, file.text])))
    .digest('hex')
}

/** A place in a rule file, for messages; line and column count from 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}
