// What a regular expression costs at most: the states of its program that RE2 can be in at one byte of a text. The program writes every repetition out.
// Where a repetition begins at one place only (`^.{1000}`), RE2 is in one of the copies at a time; where it can begin anywhere (`.*a.{1000}`), RE2 can
// be in all of them at once.
// @see https://swtch.com/~rsc/regexp/regexp2.html and https://github.com/google/re2/wiki/Syntax
import { fromByteText } from './byte-text.js'
/** Most states of a set of characters: its UTF-8 sequences. */
const CLASS_STATES = 12
const UNICODE_CLASS_STATES = 1_000
/** RE2 refuses deeper groups. */
const MAX_DEPTH = 1_000

/** A set of characters that a run repeats: `.`, `\w`, `[a-z]`. */
const SET = String.raw`(\.|\\[dDsSwW]|\[\^?(?:[^\\[\]^]|\\[dDsSwW./+-])+\])`
const LONG_RUN = new RegExp(String.raw`^${SET}(?:\{[0-9]+,\}|[*+])`)
/** A pattern for a matcher that is anchored at both ends, and what it costs. */
export interface Search {
  readonly pattern: string
  /** Most states at a time. Its maker knows them better than {@link regexSteps}, which trusts nothing in the text of a pattern. */
  readonly steps: number
}

/**
 * Finds an expression at any place of a text, or from any place on. If an expression that begins with a long run (`.{1000,}`) matches at all, then
 * it also matches from the beginning of the run, so it is tried there only: a run ends where the next one may begin, so there is one at a time.
 * @param pattern byte text that RE2 accepts
 * @param flags of RE2, such as `i`
 * @param rest what follows the match in the text: a pattern, by default nothing
 */
export function searchFor(pattern: string, flags: string, rest = ''): Search {
  const body = `(?${flags}:${pattern})`
  const set = longRunOf(/^\(([^()?][^()]*)\)$/.exec(pattern)?.[1] ?? pattern)
  if (set === null) return searchOf(`(?s:.*)${body}${rest}`)
  if (set === '.' && flags.includes('s')) return searchOf(`${body}${rest}`)
  const plain = `${pattern.startsWith('(') ? `(?${flags}:${pattern.slice(1, -1)})` : body}${rest}`
  return { pattern: `(?:(?s:.*)(?${flags}:${complementOf(set)}))?${plain}`, steps: 2 * CLASS_STATES + regexSteps(plain) }
}

/** A pattern that is used as it is. */
export const searchOf = (pattern: string): Search => ({ pattern, steps: regexSteps(pattern) })

/** The set whose run every match begins with; null for all other patterns. */
function longRunOf(pattern: string): string | null {
  return pattern.includes('|') ? null : (LONG_RUN.exec(pattern)?.[1] ?? null)
}

function complementOf(set: string): string {
  if (set === '.') return '\\n'
  if (set.startsWith('[')) return set.startsWith('[^') ? `[${set.slice(2)}` : `[^${set.slice(1)}`
  return set === set.toLowerCase() ? set.toUpperCase() : set.toLowerCase()
}

/** Most states at a time, for a pattern (byte text) that is anchored at both ends; Infinity for one that is nested too deeply. */
export function regexSteps(pattern: string): number {
  return new PartReader(fromByteText(pattern)).width
}

/** A part of an expression. */
interface Part {
  /** States of its program. */
  readonly size: number
  /** Most states at a time if it begins at one place of the text. */
  readonly width: number
  /** Characters of every match; null if matches differ in length. */
  readonly length: number | null
  /** Can begin only at the beginning of the text. */
  readonly isAnchored: boolean
}

const literal = (size: number): Part => ({ size, width: size, length: 1, isAnchored: false })
const ASSERTION: Part = { size: 1, width: 1, length: 0, isAnchored: false }
const ASCII = literal(1)
const UTF8_SEQUENCE = literal(4)
const CLASS = literal(CLASS_STATES)
const UNICODE_CLASS = literal(UNICODE_CLASS_STATES)

/** Reads parts; what is not understood counts as if matches of it differ in length. */
class PartReader {
  readonly #pattern: string
  readonly #isMultiline: boolean
  #at = 0
  #isTooDeep = false
  readonly width: number

  constructor(pattern: string) {
    this.#pattern = pattern
    this.#isMultiline = /\(\?[a-zA-Z]*m/.test(pattern)
    const { width } = this.#choice(0)
    this.width = this.#isTooDeep || this.#at < pattern.length ? Infinity : width
  }

  /** Stops before the `)` that ends it. */
  #choice(depth: number): Part {
    let choice = this.#sequence(depth)
    while (this.#take('|')) {
      const other = this.#sequence(depth)
      choice = {
        size: choice.size + other.size,
        width: choice.width + other.width,
        length: choice.length === other.length ? choice.length : null,
        isAnchored: choice.isAnchored && other.isAnchored,
      }
    }
    return choice
  }

  #sequence(depth: number): Part {
    let before: Part = ASSERTION
    while (this.#at < this.#pattern.length && !this.#isTooDeep && !'|)'.includes(this.#pattern.charAt(this.#at))) {
      const part = this.#repeated(depth)
      const isAtOnePlace = before.length !== null || part.isAnchored
      before = {
        size: before.size + part.size,
        width: before.length !== null ? Math.max(before.width, part.width) : before.width + (isAtOnePlace ? part.width : part.size),
        length: before.length === null || part.length === null ? null : before.length + part.length,
        isAnchored: before.isAnchored || (before.length === 0 && part.isAnchored),
      }
    }
    return before
  }

  #repeated(depth: number): Part {
    let part = this.#atom(depth)
    for (;;) {
      const [quantifier, min, comma, max] = /^(?:[*+?]|\{([0-9]+)(?:(,)([0-9]*))?\})/.exec(this.#rest(20)) ?? []
      if (quantifier === undefined) return part
      this.#at += quantifier.length
      this.#take('?')
      const copies = min === undefined ? 1 : Math.max(Number(min), Number(max ?? 0)) + 1
      const size = part.size * copies + 1
      const hasOneLength = min !== undefined && (comma === undefined || max === min) && part.length !== null
      part = {
        size,
        // Matches of one length end together, so only one copy is under way.
        width: part.length === null || part.length === 0 ? size : part.width + 1,
        length: hasOneLength ? (part.length ?? 0) * Number(min) : null,
        isAnchored: false,
      }
    }
  }

  #atom(depth: number): Part {
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0)
    if (char === '(') return this.#group(depth)
    if (char === '[') {
      const list = /^\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/.exec(this.#pattern.slice(this.#at))?.[0] ?? char
      this.#at += list.length
      return /\\[pP]/.test(list) ? UNICODE_CLASS : literal(CLASS_STATES + list.length)
    }
    if (char === '\\') return this.#escape()
    this.#at += char.length
    if (char === '^') return { ...ASSERTION, isAnchored: !this.#isMultiline }
    if (char === '$') return ASSERTION
    if (char === '.') return CLASS
    return char > '\x7f' ? UTF8_SEQUENCE : ASCII
  }

  #group(depth: number): Part {
    if (depth >= MAX_DEPTH) this.#isTooDeep = true
    const [opening = '('] = /^\((?:\?(?:P?<\w+>|[a-zA-Z-]*[:)]))?/.exec(this.#rest(200)) ?? []
    this.#at += opening.length
    if (this.#isTooDeep || (opening.startsWith('(?') && opening.endsWith(')'))) return ASSERTION
    const inner = this.#choice(depth + 1)
    this.#take(')')
    return inner
  }

  #escape(): Part {
    const [text = '\\'] = /^\\(?:[pP](?:\{[^}]*\}|[\s\S])|x\{[^}]*\}|Q[\s\S]*?(?:\\E|$)|[\s\S])/.exec(this.#pattern.slice(this.#at)) ?? []
    this.#at += text.length
    if (/^\\[pP]/.test(text)) return UNICODE_CLASS
    if (/^\\[bBAzZ]$/.test(text)) return { ...ASSERTION, isAnchored: text === '\\A' }
    if (/^\\(?:[dDsSwWntrfva]|[^a-zA-Z0-9])$/.test(text)) return CLASS
    return { ...CLASS, size: CLASS_STATES + text.length, width: CLASS_STATES + text.length, length: null }
  }

  #take(char: string): boolean {
    const isNext = this.#pattern.charAt(this.#at) === char
    if (isNext) this.#at++
    return isNext
  }

  #rest(length: number): string {
    return this.#pattern.slice(this.#at, this.#at + length)
  }
}
