// Questions whose answers are texts: which file, which command name. A set is a list of patterns of which one must fit; null for any text.
import type { PathPattern } from '../../../infra/watch-plan.js'
import type { BoundCheck } from '../compile/bound-tree.js'
import type { Domain, Possible } from '../analysis/possible.js'
import { fromByteText } from '../text/byte-text.js'

/** Most patterns of one rule; above, the question is left open, since a filter of thousands costs more than it saves. */
const MAX_PATTERNS = 256

/** Patterns of which one must fit, or null for any text. Empty: none can. */
export type Patterns<Pattern> = readonly Pattern[] | null

function patternDomain<Pattern>(
  patternsOf: (check: BoundCheck) => Patterns<Pattern>,
  keyOf: (pattern: Pattern) => string,
): Domain<Patterns<Pattern>> {
  const distinct = (patterns: readonly Pattern[]): Pattern[] => [...new Map(patterns.map((pattern) => [keyOf(pattern), pattern])).values()]
  return {
    all: null,
    none: [],
    // The narrower of two is wide enough: what fits both fits it.
    meet: (a, b) => (a === null ? b : b === null || a.length <= b.length ? a : b),
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

interface PlainCheck {
  readonly field: string
  readonly operator: string
  readonly texts: readonly string[]
}

/** A check of a field with texts of which one is enough; null for every other. */
function plainCheck(check: BoundCheck): PlainCheck | null {
  if (check.kind === 'exists' || check.left.kind !== 'field' || check.right.kind !== 'constants') return null
  if (check.modifier === 'allof') return null
  const { constants } = check.right
  const texts = constants.filter((constant) => typeof constant === 'string')
  if (texts.length !== constants.length) return null
  return { field: check.left.field.key, operator: check.operator, texts: texts.map(fromByteText) }
}

const KIND_OF_OPERATOR: Readonly<Record<string, PathPattern['kind']>> = {
  '=': 'path',
  '==': 'path',
  in: 'path',
  startswith: 'prefix',
  endswith: 'suffix',
  contains: 'part',
}

function pathPatterns(check: BoundCheck): Patterns<PathPattern> {
  const plain = plainCheck(check)
  if (plain === null) return null
  const { field, operator, texts } = plain
  const kind = KIND_OF_OPERATOR[operator]
  const all = (of: PathPattern['kind'], change = (text: string): string => text): PathPattern[] =>
    texts.map((text) => ({ kind: of, text: change(text) }))
  if (field === 'fd.name') return operator === 'pmatch' ? belowPaths(texts) : kind === undefined ? null : all(kind)
  if (field === 'fd.filename')
    return kind === 'path' ? all('name') : kind === 'suffix' ? all('suffix') : kind === undefined ? null : all('part')
  if (field !== 'fd.directory' || kind === undefined) return null
  if (kind === 'path') return all('prefix', (text) => (text.endsWith('/') ? text : `${text}/`))
  return all(kind === 'prefix' ? 'prefix' : 'part')
}

/** `pmatch` asks for a path or what is below it; empty components don't count, and one with a wildcard ends what can be told. */
function belowPaths(texts: readonly string[]): PathPattern[] | null {
  const literal = texts.map((text) =>
    text
      .replace(/[*?[\\].*$/s, '')
      .replace(/\/+/g, '/')
      .replace(/\/$/, ''),
  )
  return literal.some((text) => !/^\/./.test(text)) ? null : literal.map((text) => ({ kind: 'prefix', text }))
}

/** Which file it is about. */
export const PATHS: Domain<Patterns<PathPattern>> = patternDomain(pathPatterns, ({ kind, text }) => `${kind} ${text}`)

/** Which command name the process has. */
export const PROCESS_NAMES: Domain<Patterns<string>> = patternDomain(
  (check) => {
    const plain = plainCheck(check)
    return plain?.field === 'proc.name' && KIND_OF_OPERATOR[plain.operator] === 'path' ? plain.texts : null
  },
  (name) => name,
)
