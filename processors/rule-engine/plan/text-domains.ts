// Questions with texts as answers: which file (by path, or by the path as given). A set is a list of patterns of which one
// must fit; null means any text.
import type { PathPattern } from '../../../infra/watch-plan/watch-plan.js'
import type { BoundCheck } from '../compile/bound-tree.js'
import type { Domain, Possible } from '../analysis/possible.js'
import { fileNamePatterns, folderPatterns, wholePathPatterns, widthOf, plainCheckOf } from './path-patterns.js'

/** Maximum patterns of one rule. Above it, any text is watched: a filter of thousands costs more than it saves. */
const MAX_PATTERNS = 256

/** Patterns of which one must fit, or null for any text. Empty: none can. */
export type Patterns<Pattern> = readonly Pattern[] | null

function patternDomain<Pattern>(
  patternsOf: (check: BoundCheck) => Patterns<Pattern>,
  keyOf: (pattern: Pattern) => string,
  width: (pattern: Pattern) => number,
): Domain<Patterns<Pattern>> {
  const distinct = (patterns: readonly Pattern[]): Pattern[] => [...new Map(patterns.map((pattern) => [keyOf(pattern), pattern])).values()]
  const widthOfAll = (patterns: readonly Pattern[]): number => patterns.reduce((sum, pattern) => sum + width(pattern), 0)
  return {
    all: null,
    none: [],
    // The narrower of the two is sufficient: what fits both fits it.
    meet: (a, b) => (a === null ? b : b === null || widthOfAll(a) <= widthOfAll(b) ? a : b),
    join: (a, b) => {
      if (a === null || b === null) return null
      const both = distinct([...a, ...b])
      return both.length > MAX_PATTERNS ? null : both
    },
    ofCheck(check): Possible<Patterns<Pattern>> | null {
      const patterns = patternsOf(check)
      return patterns === null || patterns.length > MAX_PATTERNS ? null : { whenTrue: distinct(patterns), whenFalse: null }
    },
  }
}

function pathPatterns(check: BoundCheck): Patterns<PathPattern> {
  const plain = plainCheckOf(check)
  switch (plain?.field) {
    case 'fd.name':
    case 'fs.path.name':
      return wholePathPatterns(plain)
    case 'fd.filename':
      return fileNamePatterns(plain)
    case 'fd.directory':
      return folderPatterns(plain)
    default:
      return null
  }
}

function givenPathPatterns(check: BoundCheck): Patterns<PathPattern> {
  const plain = plainCheckOf(check)
  return plain?.field === 'fd.nameraw' && plain.operator !== 'pmatch' ? wholePathPatterns(plain) : null
}

const keyOfPath = ({ kind, text, ignoresCase }: PathPattern): string => `${kind} ${String(ignoresCase)} ${text}`

/** Which file the event is about. */
export const PATHS: Domain<Patterns<PathPattern>> = patternDomain(pathPatterns, keyOfPath, widthOf)

/** The file as the call named it. */
export const GIVEN_PATHS: Domain<Patterns<PathPattern>> = patternDomain(givenPathPatterns, keyOfPath, widthOf)
