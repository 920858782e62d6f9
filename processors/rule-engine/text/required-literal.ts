// A text that every match of a regular expression contains: where it is not, the expression need not be run, which costs a call into native code.
// Conservative: a pattern that is not understood has none, and a literal is only found where nothing can make it optional.

/** What a match contains. */
export interface RequiredLiteral {
  readonly text: string
  /** Letters of either case; then `text` is in lower case, and only ASCII is said of. */
  readonly ignoresCase: boolean
}

/** Shorter ones hardly ever rule anything out. */
const MIN_LENGTH = 3
const MAX_DEPTH = 20

/** The longest literal of a pattern of RE2; null when there is none. */
export function requiredLiteral(pattern: string): RequiredLiteral | null {
  return new LiteralFinder(pattern).find()
}

class LiteralFinder {
  readonly #pattern: string
  #at = 0
  #isGivenUp = false

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  find(): RequiredLiteral | null {
    const runs = this.#sequence(false, 0)
    if (this.#isGivenUp || this.#at < this.#pattern.length) return null
    const best = runs.reduce<RequiredLiteral | null>(
      (longest, run) => (run.text.length > (longest?.text.length ?? 0) ? run : longest),
      null,
    )
    return best === null || best.text.length < MIN_LENGTH ? null : best
  }

  /** Runs of one sequence; none when it is one of several choices. Stops before the `)` that ends it. */
  #sequence(ignoresCase: boolean, depth: number): RequiredLiteral[] {
    let isFolded = ignoresCase
    const runs: RequiredLiteral[] = []
    let hasChoice = false
    let run = ''
    const flush = (): void => {
      if (run !== '') runs.push({ text: isFolded ? run.toLowerCase() : run, ignoresCase: isFolded })
      run = ''
    }
    if (depth > MAX_DEPTH) this.#isGivenUp = true
    while (!this.#isGivenUp && this.#at < this.#pattern.length && this.#next() !== ')') {
      const flags = this.#leadingFlags()
      if (flags !== null) {
        flush()
        isFolded ||= flags
        continue
      }
      if (this.#next() === '|') {
        hasChoice = true
        this.#at++
        continue
      }
      const atom = this.#atom(isFolded, depth)
      const repeat = this.#repeat()
      if (typeof atom === 'string' && repeat === 'once') {
        run += atom
        continue
      }
      flush()
      if (repeat === 'maybe') continue
      if (typeof atom === 'string') runs.push({ text: isFolded ? atom.toLowerCase() : atom, ignoresCase: isFolded })
      else runs.push(...atom)
    }
    flush()
    return hasChoice ? [] : runs
  }

  #next(): string {
    return this.#pattern.charAt(this.#at)
  }

  /** `(?i)`, which holds to the end of the sequence: whether the flags ask to ignore case (others leave it as it was); null when none come next. */
  #leadingFlags(): boolean | null {
    const flags = /^\(\?([ims]*)\)/.exec(this.#pattern.slice(this.#at, this.#at + 10))
    if (flags === null) return null
    this.#at += flags[0].length
    return flags[1]?.includes('i') === true
  }

  /** One character that stands for itself, or the runs within what comes next. */
  #atom(ignoresCase: boolean, depth: number): string | RequiredLiteral[] {
    const char = this.#next()
    this.#at++
    switch (char) {
      case '(':
        return this.#group(ignoresCase, depth)
      case '[':
        return this.#passClass()
      case '\\':
        return this.#escape()
      case '.':
      case '^':
      case '$':
        return []
      default:
        // Beyond ASCII, case and bytes are other matters.
        return char < '\x80' ? char : []
    }
  }

  #group(ignoresCase: boolean, depth: number): RequiredLiteral[] {
    const opening = /^(?:\?(?:P?<\w+>|([ims]*):))?/.exec(this.#pattern.slice(this.#at, this.#at + 40))
    if (this.#next() === '?' && (opening === null || opening[0] === '')) {
      this.#isGivenUp = true
      return []
    }
    this.#at += opening?.[0].length ?? 0
    const runs = this.#sequence(ignoresCase || opening?.[1]?.includes('i') === true, depth + 1)
    if (this.#next() === ')') this.#at++
    else this.#isGivenUp = true
    return runs
  }

  #passClass(): RequiredLiteral[] {
    const end = /^\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/.exec(this.#pattern.slice(this.#at))
    if (end === null) this.#isGivenUp = true
    else this.#at += end[0].length
    return []
  }

  #escape(): string | RequiredLiteral[] {
    const char = this.#next()
    this.#at++
    // Escaped punctuation is itself; what letters and digits mean is not told apart here, but for classes of one letter.
    if (/[dDwWsSbBAz]/.test(char)) return []
    if (/[a-zA-Z0-9]/.test(char) || char === '' || char >= '\x80') this.#isGivenUp = true
    return char
  }

  #repeat(): 'once' | 'maybe' | 'several' {
    const found = /^(?:[*+?]|\{([0-9]+)(?:,[0-9]*)?\})[?]?/.exec(this.#pattern.slice(this.#at, this.#at + 20))
    if (found === null) return 'once'
    this.#at += found[0].length
    return found[0].startsWith('+') || (found[1] !== undefined && Number(found[1]) > 0) ? 'several' : 'maybe'
  }
}
