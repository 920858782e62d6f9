// A rule file as loaders take it: read already, from a disk, a request or a test. Says nothing of its language.
import { createHash } from 'node:crypto'

/** A rule file: the name that messages show, and its text. */
export interface RuleFile {
  readonly name: string
  readonly text: string
}

/** Identity of the texts of files, to keep what was compiled from them. */
export function filesHash(files: readonly RuleFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify(files.map((file) => [file.name, file.text])))
    .digest('hex')
}

// Where something stands in a rule file: what every message about rules points at.

/** A place in a rule file; line and column count from 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}
