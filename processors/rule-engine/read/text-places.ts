// Where the characters of a YAML text stand in its file. YAML folds lines and drops indents, but keeps the order of all that is no
// blank: so a character of the value is found by counting the non-blanks before it.
import type { LineCounter } from 'yaml'
import type { FilePlace } from './file-place.js'

/** Maps positions of a text to places of its file. */
export interface TextPlaces {
  /** Place of the whole text. */
  readonly start: FilePlace
  /** Place of the character at an index (UTF-16) of the text. */
  at(index: number): FilePlace
}

const BLANK = /\s/

/**
 * @param source of the whole file
 * @param range where the scalar stands in it, quotes or block header included
 */
export function placesOf(
  file: string,
  source: string,
  lines: LineCounter,
  range: readonly [start: number, end: number],
  text: string,
): TextPlaces {
  const place = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  return {
    start: place(range[0]),
    at(index) {
      const raw = source.slice(range[0], range[1])
      const wanted = countNonBlanks(text.slice(0, index))
      return place(range[0] + offsetOfNonBlank(raw, bodyStart(raw), wanted))
    },
  }
}

function countNonBlanks(text: string): number {
  let count = 0
  for (const char of text) if (!BLANK.test(char)) count++
  return count
}

/** Behind the opening quote, or behind the line with `>` or `|`. */
function bodyStart(raw: string): number {
  if (raw.startsWith('"') || raw.startsWith("'")) return 1
  return /^[>|]/.test(raw) ? raw.indexOf('\n') + 1 : 0
}

function offsetOfNonBlank(raw: string, start: number, wanted: number): number {
  const quote = raw.charAt(0)
  let seen = 0
  let i = start
  for (; i < raw.length; i++) {
    if (BLANK.test(raw.charAt(i))) continue
    if (seen === wanted) return i
    seen++
    // Two single quotes, or a backslash and what it escapes, are one character of the value.
    const isPair = (quote === "'" && raw.startsWith("''", i)) || (quote === '"' && raw.charAt(i) === '\\')
    if (isPair) i++
  }
  return Math.min(i, raw.length)
}
