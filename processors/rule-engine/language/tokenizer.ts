// Reads the text of a condition token by token and tracks the position. The grammar asks for the tokens that it allows next, because the meaning of a
// character depends on them: `a=b` is a check, but `=` ends a bare text. Knows nothing of trees.
import { EunomiaError } from '../../../infra/process/errors.js'
import { closingQuote, unescapeQuoted } from './quoting.js'
import type { Place } from './tree.js'

const SPACE = ' \\t\\n\\v\\f\\r'
const IDENTIFIER = /[a-zA-Z]+[a-zA-Z0-9_]*/y
const FIELD_NAME = /[a-zA-Z]+[a-zA-Z0-9_]*(?:\.[a-zA-Z]+[a-zA-Z0-9_]*)+/y
const FIELD_ARGUMENT = new RegExp(`[^\\][\\0"'${SPACE}]+`, 'y')
const BARE_TEXT = new RegExp(`[^()\\0"'${SPACE}=,]+`, 'y')
const HEX_NUMBER = /0[xX][0-9a-fA-F]+/y
const NUMBER = /[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y
const NOT_BLANK = new RegExp(`not[${SPACE}]+`, 'y')
const BLANKS = /[ \t\b\r\n]+/y

/** Reads tokens from byte text. A method that returns a token or true has moved past it. */
export class Tokenizer {
  readonly #input: string
  #lineStarts: readonly number[] | null = null
  #index = 0
  /** The last token, for messages. */
  lastToken = ''

  constructor(input: string) {
    this.#input = input
  }

  get index(): number {
    return this.#index
  }
  get isAtEnd(): boolean {
    return this.#index >= this.#input.length
  }

  /** The place of the next character. Every check needs one, so lines are counted once and then searched. */
  place(): Place {
    this.#lineStarts ??= lineStartsOf(this.#input)
    let line = 1
    for (let behind = this.#lineStarts.length; line < behind;) {
      const middle = (line + behind) >> 1
      if ((this.#lineStarts[middle] ?? Infinity) <= this.#index) line = middle + 1
      else behind = middle
    }
    return { index: this.#index, line, column: this.#index - (this.#lineStarts[line - 1] ?? 0) + 1 }
  }

  /** @throws ConditionSyntaxError always */
  fail(message: string): never {
    throw new ConditionSyntaxError(message, this.place())
  }

  /** Moves past blanks. @returns whether there were any */
  blank(): boolean {
    return this.#match(BLANKS) !== null
  }
  /** Moves past `text` if it comes next. */
  literal(text: string): boolean {
    if (!this.#input.startsWith(text, this.#index)) return false
    this.#index += text.length
    this.lastToken = text
    return true
  }
  identifier(): string | null {
    return this.#token(IDENTIFIER)
  }
  fieldName(): string | null {
    return this.#token(FIELD_NAME)
  }
  bareFieldArgument(): string | null {
    return this.#token(FIELD_ARGUMENT)
  }
  bareText(): string | null {
    return this.#token(BARE_TEXT)
  }
  number(): string | null {
    return this.#token(HEX_NUMBER) ?? this.#token(NUMBER)
  }
  /** `not` followed by blanks. */
  notBlank(): boolean {
    return this.#token(NOT_BLANK) !== null
  }

  /** A text in quotes, unescaped; null if none begins here or it does not end. */
  quotedText(): string | null {
    const quote = this.#input.charAt(this.#index)
    if (quote !== '"' && quote !== "'") return null
    const end = closingQuote(this.#input, this.#index)
    const body = this.#input.slice(this.#index + 1, end)
    if (end < 0 || body.includes('\0')) return null
    const result = unescapeQuoted(body, quote)
    this.#index = end + 1
    if ('problem' in result) this.fail(result.problem)
    this.lastToken = result.text
    return result.text
  }

  /** Runs `read` and restores the position if it returns null. */
  attempt<T>(read: () => T | null): T | null {
    const index = this.#index
    const lastToken = this.lastToken
    const result = read()
    if (result === null) {
      this.#index = index
      this.lastToken = lastToken
    }
    return result
  }

  /** Runs `read` and restores the position. */
  lookAhead<T>(read: () => T): T {
    const index = this.#index
    const lastToken = this.lastToken
    const result = read()
    this.#index = index
    this.lastToken = lastToken
    return result
  }

  #token(pattern: RegExp): string | null {
    const token = this.#match(pattern)
    if (token !== null) this.lastToken = token
    return token
  }
  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#index
    const match = pattern.exec(this.#input)
    if (match === null) return null
    this.#index = pattern.lastIndex
    return match[0]
  }
}

/** Where each line begins; a line ends with \n, \r or both. */
function lineStartsOf(input: string): number[] {
  const starts = [0]
  for (const { index, 0: end } of input.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length)
  return starts
}

/** The text of a condition does not follow the grammar. The tokenizer and the parser throw nothing else. */
export class ConditionSyntaxError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RULES_INVALID'
  static override readonly isUserMistake = true
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message, { details: { line: place.line, column: place.column } })
    this.place = place
  }
}
