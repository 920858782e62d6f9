// Whether a path is at one of the places that a plan names. Bytes against bytes: a path need not be text.
import type { PathPattern } from '../../infra/watch-plan.js'

interface Compiled {
  readonly kind: PathPattern['kind']
  readonly text: Buffer
}

const SLASH = 0x2f

/** The patterns of one watch. */
export class PathMatcher {
  readonly #patterns: readonly Compiled[]

  constructor(patterns: readonly PathPattern[]) {
    this.#patterns = patterns.map(({ kind, text }) => ({ kind, text: Buffer.from(text) }))
  }

  matches(path: Buffer): boolean {
    return this.#patterns.some((pattern) => fits(pattern, path))
  }
}

function fits({ kind, text }: Compiled, path: Buffer): boolean {
  switch (kind) {
    case 'path':
      return path.equals(text)
    case 'prefix':
      return path.subarray(0, text.length).equals(text)
    case 'suffix':
      return path.length >= text.length && path.subarray(path.length - text.length).equals(text)
    case 'part':
      return path.includes(text)
    case 'name':
      return path.subarray(path.lastIndexOf(SLASH) + 1).equals(text)
  }
}
