// A condition as characters and a position: the blanks, words, quoted and bare strings of the language.

const BLANK = /[ \t\b\r\n]*/y
const WORD = /[a-zA-Z][a-zA-Z0-9_]*/y
const BARE = /[^()"'\s=,]+/y
const NUMBER = /0[xX][0-9a-fA-F]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y
const ARGUMENT = /[^\][\\"'\s]+/y

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '\\': '\\', '/': '/', ' ': '\\' }

/** A text that the language does not allow. */
export class OracleSyntaxError extends Error {}

export class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  fail(expected: string): never {
    throw new OracleSyntaxError(`expected ${expected} at ${String(this.#at)}: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 40))}`)
  }

  blanks(): void {
    this.#match(BLANK)
  }

  /** Consumes the text if it is next. */
  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** Consumes a keyword if it is next and a character of `behind` (regular expression) follows, which is not consumed. */
  keyword(word: string, behind: RegExp): boolean {
    if (!this.#text.startsWith(word, this.#at) || !behind.test(this.#text.charAt(this.#at + word.length))) return false
    this.#at += word.length
    return true
  }

  /** An identifier; null when none is next. */
  word(): string | null {
    return this.#match(WORD)
  }

  /** Restores the position when `work` returns null. */
  attempt<T>(work: () => T | null): T | null {
    const start = this.#at
    const result = work()
    if (result === null) this.#at = start
    return result
  }

  number(): string {
    return this.#match(NUMBER) ?? this.fail('a number')
  }

  /** A quoted or bare string. */
  string(): string {
    return this.quoted() ?? this.#match(BARE) ?? this.fail('a value')
  }

  /** The text in brackets after a field; null without brackets. */
  brackets(): string | null {
    if (!this.take('[')) return null
    const argument = this.quoted() ?? this.#match(ARGUMENT) ?? this.fail('an argument')
    if (!this.take(']')) this.fail(']')
    return argument
  }

  /** A quoted string; null when no quote is next. */
  quoted(): string | null {
    const quote = this.#text.charAt(this.#at)
    if (quote !== '"' && quote !== "'") return null
    const end = this.#closing(quote)
    this.#at++
    let value = ''
    while (this.#at < end) {
      const character = this.#text.charAt(this.#at++)
      value += character === '\\' ? this.#escaped(quote) : character
    }
    this.#at = end + 1
    return value
  }

  /** The first such quote without a backslash before it; if there is none, the first one outside of an escape. */
  #closing(quote: string): number {
    const [plain, paired] = quote === '"' ? [/"[^]*?(?<!\\)"/y, /"(?:[^"\\]|\\[^])*"/y] : [/'[^]*?(?<!\\)'/y, /'(?:[^'\\]|\\[^])*'/y]
    for (const pattern of [plain, paired]) {
      pattern.lastIndex = this.#at
      if (pattern.test(this.#text)) return pattern.lastIndex - 1
    }
    return this.fail(`the closing ${quote}`)
  }

  #escaped(quote: string): string {
    const character = this.#text.charAt(this.#at++)
    if (character === quote) return quote
    if (character === 'x') {
      const digits = /[0-9a-fA-F]{2}/y
      return String.fromCharCode(Number.parseInt(this.#match(digits) ?? this.fail('two hex digits'), 16))
    }
    return ESCAPES[character] ?? this.fail('an escape')
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return null
    this.#at += found[0].length
    return found[0]
  }
}
