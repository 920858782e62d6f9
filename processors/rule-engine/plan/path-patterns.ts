// What one check on a path requires of it, as patterns that a collector can compare: if the check holds, one of them fits. A pattern may
// fit more than the check accepts, never less.
import { matchesGlob } from '../../../infra/text/glob.js'
import type { PathPattern } from '../../../infra/watch-plan/watch-plan.js'
import { requirementOf } from '../text/required-texts.js'
import type { BoundCheck } from '../compile/bound-tree.js'
import { fromByteText, toByteText } from '../text/byte-text.js'
type Kind = PathPattern['kind']

const KINDS: Readonly<Record<string, Kind>> = {
  '=': 'path',
  '==': 'path',
  in: 'path',
  startswith: 'prefix',
  endswith: 'suffix',
  contains: 'part',
  icontains: 'part',
  glob: 'glob',
  iglob: 'glob',
}

/** Patterns for a field that holds a whole path; null if the check implies none. */
export function wholePathPatterns({ operator, texts }: PlainCheck): readonly PathPattern[] | null {
  if (operator === 'pmatch') return belowPaths(texts)
  if (operator === 'regex') return requiredParts(texts)
  const kind = KINDS[operator]
  return kind === undefined ? null : texts.map((text) => patternOf(kind, text, operator))
}

/** Patterns for a field that holds the last component of a path. */
export function fileNamePatterns({ operator, texts }: PlainCheck): readonly PathPattern[] | null {
  if (operator === 'regex') return requiredParts(texts)
  const kind = KINDS[operator]
  switch (kind) {
    case undefined:
      return null
    case 'path':
      // Only the root of a file system has a name with a slash: its whole path.
      return texts.map((text) => patternOf(text.includes('/') ? 'path' : 'name', text, operator))
    case 'glob':
      return texts.some((text) => text.includes('/')) ? null : texts.flatMap((text) => nameGlobs(text, operator))
    case 'suffix':
      return texts.map((text) => patternOf('suffix', text, operator))
    default:
      return texts.map((text) => patternOf('part', text, operator))
  }
}

function nameGlobs(text: string, operator: string): PathPattern[] {
  const below = patternOf('glob', `*/${text}`, operator)
  return matchesGlob(text, '/') ? [below, { kind: 'path', text: '/' }] : [below]
}

/** Patterns for a field that holds the folder of a file, or an opened folder itself. */
export function folderPatterns({ operator, texts }: PlainCheck): readonly PathPattern[] | null {
  switch (KINDS[operator]) {
    case 'path':
      return texts.flatMap((text) => [
        patternOf('path', text, operator),
        patternOf('prefix', text.endsWith('/') ? text : `${text}/`, operator),
      ])
    case 'prefix':
      return texts.map((text) => patternOf('prefix', text, operator))
    case 'suffix':
    case 'part':
      return texts.map((text) => patternOf('part', text, operator))
    default:
      return null
  }
}

/** Approximately how many paths a pattern may fit, for comparisons: a file is narrower than a name, a name narrower than a tree. */
export function widthOf({ kind, text }: PathPattern): number {
  const literal = kind === 'glob' ? text.replace(/\[[^\]]*\]|[*?\\]/g, '') : text
  return WEIGHTS[kind] / (1 + literal.length) ** 2
}

const WEIGHTS: Readonly<Record<Kind, number>> = { path: 0.01, name: 0.5, suffix: 1, glob: 1, prefix: 4, part: 4 }

function patternOf(kind: Kind, text: string, operator: string): PathPattern {
  return operator === 'icontains' || operator === 'iglob' ? { kind, text, ignoresCase: true } : { kind, text }
}

/** `pmatch` accepts a path and everything below it. Empty components don't count; a component with a wildcard ends the prefix. */
function belowPaths(texts: readonly string[]): PathPattern[] | null {
  const literal = texts.map((text) =>
    text
      .replace(/[*?[\\].*$/s, '')
      .replace(/\/+/g, '/')
      .replace(/\/$/, ''),
  )
  return literal.some((text) => !/^\/./.test(text)) ? null : literal.map((text) => ({ kind: 'prefix', text }))
}

/** Texts of which every match of an expression contains one. */
function requiredParts(expressions: readonly string[]): PathPattern[] | null {
  const required = expressions.map(requirementOf)
  if (required.some(({ anyOf }) => anyOf === null)) return null
  return required.flatMap(({ anyOf, ignoresCase }) =>
    (anyOf ?? []).map((text): PathPattern => (ignoresCase ? { kind: 'part', text, ignoresCase } : { kind: 'part', text })),
  )
}

export interface PlainCheck {
  readonly field: string
  readonly operator: string
  /** Unicode texts. */
  readonly texts: readonly string[]
}

/** Null for every other check, and for texts that are not UTF-8, which JSON can't hold. */
export function plainCheckOf(check: BoundCheck): PlainCheck | null {
  if (check.kind === 'exists' || check.left.kind !== 'field' || check.right.kind !== 'constants') return null
  if (check.modifier === 'allof') return null
  const { constants } = check.right
  const bytes = constants.filter((constant) => typeof constant === 'string')
  const texts = bytes.map(fromByteText)
  if (bytes.length !== constants.length || texts.some((text, index) => toByteText(text) !== bytes[index])) return null
  return { field: check.left.field.key, operator: check.operator, texts }
}
