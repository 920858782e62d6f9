// Whether a path is at one of the places that a plan names. Bytes against bytes.
import { compileGlob, lowerAscii } from '../../infra/text/glob.js'
import type { PathPattern } from '../../infra/watch-plan/watch-plan.js'

/** One character per byte: a path need not be text. */
export type ByteText = string
type Fits = (path: ByteText) => boolean

/** The patterns of watches, of which one must fit. */
export class PathMatcher {
  readonly #patterns: readonly Fits[]

  constructor(patterns: readonly PathPattern[]) {
    this.#patterns = patterns.map(fitsOf)
  }

  matches(path: ByteText): boolean {
    return this.#patterns.some((fits) => fits(path))
  }
}

function fitsOf({ kind, text, ignoresCase }: PathPattern): Fits {
  const bytes = Buffer.from(text).toString('latin1')
  if (ignoresCase !== true) return exactly(kind, bytes)
  const fits = exactly(kind, lowerAscii(bytes))
  return (path) => /[\x80-\xff]/.test(path) || fits(lowerAscii(path))
}

function exactly(kind: PathPattern['kind'], text: ByteText): Fits {
  switch (kind) {
    case 'path':
      return (path) => path === text
    case 'prefix':
      return (path) => path.startsWith(text)
    case 'suffix':
      return (path) => path.endsWith(text)
    case 'part':
      return (path) => path.includes(text)
    case 'name':
      return (path) => path.slice(path.lastIndexOf('/') + 1) === text
    case 'glob':
      return compileGlob(text)
  }
}
