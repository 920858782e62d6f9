// Values of Sigma rules as patterns: texts with wildcards, and the modifiers that change them.

const ANY_CHARACTER = Symbol('?')
const ANY_TEXT = Symbol('*')

/** Pieces of text with wildcards between. */
export type Pattern = readonly (string | typeof ANY_CHARACTER | typeof ANY_TEXT)[]

/** Reads `*` and `?`. A backslash escapes a wildcard or backslash after it, and is literal elsewhere. */
export function patternOf(written: string): Pattern {
  const pattern: (string | symbol)[] = []
  for (let at = 0; at < written.length; at++) {
    const character = written.charAt(at)
    const next = written.charAt(at + 1)
    if (character === '\\' && next !== '' && '\\*?'.includes(next)) {
      pattern.push(next)
      at++
    } else pattern.push(character === '*' ? ANY_TEXT : character === '?' ? ANY_CHARACTER : character)
  }
  return pattern as Pattern
}

/** The pattern with any text before it, after it, or both. */
export function widened(pattern: Pattern, where: 'contains' | 'startswith' | 'endswith'): Pattern {
  const before = where === 'startswith' ? [] : [ANY_TEXT]
  const behind = where === 'endswith' ? [] : [ANY_TEXT]
  return [...before, ...pattern, ...behind] as Pattern
}

/** True when the pattern matches the whole text. */
export function patternMatches(pattern: Pattern, text: string, isCased: boolean): boolean {
  const source = pattern.map((piece) => {
    if (piece === ANY_TEXT) return '.*'
    return piece === ANY_CHARACTER ? '.' : String(piece).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  return new RegExp(`^${source.join('')}$`, isCased ? 'su' : 'isu').test(text)
}

/** The text of a pattern. @throws TypeError for wildcards */
export function plainText(pattern: Pattern): string {
  return pattern
    .map((piece) => {
      if (typeof piece !== 'string') throw new TypeError('a wildcard can not be encoded')
      return piece
    })
    .join('')
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015']

/** Every spelling of the dashes and slashes that begin an option. */
export function dashed(text: string): string[] {
  const at = text.search(/(?<!\w)[-/](?=\w)/)
  if (at < 0) return [text]
  return dashed(text.slice(at + 1)).flatMap((rest) => DASHES.map((dash) => text.slice(0, at) + dash + rest))
}

/** Bytes of a text in UTF-16, as byte text. */
export function wide(text: string, order: 'le' | 'be'): string {
  const bytes = Buffer.from(text, 'utf16le')
  return (order === 'le' ? bytes : bytes.swap16()).toString('latin1')
}

export function base64(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64')
}

/** What the base64 of a longer text with these bytes must contain, for each of the three offsets at which they may begin. */
export function base64Offsets(bytes: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = base64(' '.repeat(offset) + bytes)
    const first = [0, 2, 3][offset]
    const last = [undefined, -3, -2][(offset + bytes.length) % 3]
    return encoded.slice(first, last)
  })
}
