// What every match of a regular expression must have: one of a few texts, and a minimum length. If a text lacks them, the expression is not run, which
// saves a call into native code. Conservative: a pattern that is not understood requires nothing.
// @see Cox: Regular Expression Matching with a Trigram Index (2012): the sets of exact and of required texts

/** What all matches of a pattern have in common. */
export interface Requirement {
  /** Every match contains one of them; null if none is required. */
  readonly anyOf: readonly string[] | null
  /** Letters match in either case; then the texts are lower-case ASCII. */
  readonly ignoresCase: boolean
  /** Minimum length of a match in characters. */
  readonly minLength: number
}

/** Shorter texts exclude almost nothing. */
const MIN_LENGTH = 2
/** With more texts, it is as cheap to run the expression. */
const MAX_TEXTS = 16
const MAX_DEPTH = 20
/** Upper limit of the minimum length: it bounds the numbers that repetitions multiply. */
const MAX_MIN_LENGTH = 1_000_000

/** The requirement of a pattern of RE2. */
export function requirementOf(pattern: string): Requirement {
  return new RequirementFinder(pattern).find()
}

/** A part of a pattern. */
interface Part {
  /** All texts that it can match; null if they are too many. */
  readonly exact: readonly string[] | null
  /** Texts of which every match contains one; null if none is required. */
  readonly anyOf: readonly string[] | null
  readonly minLength: number
}

const EMPTY: Part = { exact: [''], anyOf: null, minLength: 0 }
const ANY_CHARACTER: Part = { exact: null, anyOf: null, minLength: 1 }
const NOTHING: Requirement = { anyOf: null, ignoresCase: false, minLength: 0 }

class RequirementFinder {
  readonly #pattern: string
  #at = 0
  #isGivenUp = false
  #ignoresCase = false

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  find(): Requirement {
    const part = this.#choice(false, 0)
    if (this.#isGivenUp || this.#at < this.#pattern.length) return NOTHING
    const anyOf = requiredBy(part)
    const texts = anyOf === null || !this.#ignoresCase ? anyOf : anyOf.map((text) => text.toLowerCase())
    return { anyOf: texts, ignoresCase: this.#ignoresCase, minLength: part.minLength }
  }

  /** Stops before the `)` that ends it. */
  #choice(ignoresCase: boolean, depth: number): Part {
    if (depth > MAX_DEPTH) this.#isGivenUp = true
    let isFolded = ignoresCase
    const choices: Part[] = []
    let parts: Part[] = []
    while (!this.#isGivenUp && this.#at < this.#pattern.length && this.#next() !== ')') {
      const flags = this.#leadingFlags()
      if (flags !== null) {
        isFolded ||= flags
        if (isFolded) this.#ignoresCase = true
      } else if (this.#next() === '|') {
        choices.push(joined(parts))
        parts = []
        this.#at++
      } else {
        parts.push(this.#repeated(this.#atom(isFolded, depth)))
      }
    }
    return oneOf([...choices, joined(parts)])
  }

  #next(): string {
    return this.#pattern.charAt(this.#at)
  }

  /** `(?i)`, valid to the end of the group: whether the flags ignore case (other flags change nothing); null if no flags come next. */
  #leadingFlags(): boolean | null {
    const flags = /^\(\?([ims]*)\)/.exec(this.#pattern.slice(this.#at, this.#at + 10))
    if (flags === null) return null
    this.#at += flags[0].length
    // RE2 repeats what is before the flags.
    if (/^[*+?{]/.test(this.#next())) this.#isGivenUp = true
    return flags[1]?.includes('i') === true
  }

  #atom(ignoresCase: boolean, depth: number): Part {
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
        return ANY_CHARACTER
      case '^':
      case '$':
        return EMPTY
      default:
        // Outside of ASCII, case and bytes need more care.
        return char < '\x80' ? exactly(char) : { ...ANY_CHARACTER, minLength: 0 }
    }
  }

  #group(ignoresCase: boolean, depth: number): Part {
    const opening = /^(?:\?(?:P?<\w+>|([ims]*):))?/.exec(this.#pattern.slice(this.#at, this.#at + 40))
    if (this.#next() === '?' && (opening === null || opening[0] === '')) {
      this.#isGivenUp = true
      return EMPTY
    }
    this.#at += opening?.[0].length ?? 0
    const isFolded = ignoresCase || opening?.[1]?.includes('i') === true
    if (isFolded) this.#ignoresCase = true
    const part = this.#choice(isFolded, depth + 1)
    if (this.#next() === ')') this.#at++
    else this.#isGivenUp = true
    return part
  }

  #passClass(): Part {
    const end = /^\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/.exec(this.#pattern.slice(this.#at))
    if (end === null) this.#isGivenUp = true
    else this.#at += end[0].length
    return ANY_CHARACTER
  }

  #escape(): Part {
    const char = this.#next()
    this.#at++
    // Escaped punctuation stands for itself. Of letters and digits, only one-letter classes and assertions are understood.
    if (/[dDwWsS]/.test(char)) return ANY_CHARACTER
    if (/[bBAz]/.test(char)) return EMPTY
    if (/[a-zA-Z0-9]/.test(char) || char === '' || char >= '\x80') this.#isGivenUp = true
    return exactly(char)
  }

  #repeated(part: Part): Part {
    const rest = this.#pattern.slice(this.#at, this.#at + 20)
    const found = /^(?:([*+?])|\{(0|[1-9][0-9]*)(?:,(?:0|[1-9][0-9]*)?)?\})[?]?/.exec(rest)
    if (found === null) {
      // RE2 reads an invalid repetition as text: not distinguished here.
      if (/^\{[0-9]/.test(rest)) this.#isGivenUp = true
      return part
    }
    this.#at += found[0].length
    const atLeast = found[2] === undefined ? Number(found[1] === '+') : Number(found[2])
    if (atLeast === 0) return { exact: null, anyOf: null, minLength: 0 }
    return { exact: null, anyOf: requiredBy(part), minLength: Math.min(MAX_MIN_LENGTH, part.minLength * atLeast) }
  }
}

const exactly = (text: string): Part => ({ exact: [text], anyOf: null, minLength: text.length })

/** The texts of which one is in every match of the part. */
function requiredBy({ exact, anyOf }: Part): readonly string[] | null {
  return better(worthIt(exact), anyOf)
}

function worthIt(texts: readonly string[] | null): readonly string[] | null {
  return texts !== null && texts.length > 0 && texts.every((text) => text.length >= MIN_LENGTH) ? texts : null
}

/** Parts in sequence. */
function joined(parts: readonly Part[]): Part {
  let run: readonly string[] | null = ['']
  let isExact = true
  let anyOf: readonly string[] | null = null
  let minLength = 0
  for (const { exact, anyOf: inner, minLength: length } of parts) {
    minLength = Math.min(MAX_MIN_LENGTH, minLength + length)
    const longer: readonly string[] | null = exact === null ? null : product(run, exact)
    if (longer !== null) {
      run = longer
      continue
    }
    isExact = false
    anyOf = better(better(anyOf, worthIt(run)), inner)
    run = exact ?? ['']
  }
  return isExact ? { exact: run, anyOf: null, minLength } : { exact: null, anyOf: better(anyOf, worthIt(run)), minLength }
}

/** Every text of one part followed by every text of the other; null if they are too many. */
function product(first: readonly string[], second: readonly string[]): readonly string[] | null {
  if (first.length * second.length > MAX_TEXTS) return null
  return first.flatMap((start) => second.map((end) => start + end))
}

function oneOf(choices: readonly Part[]): Part {
  const [only] = choices
  if (only !== undefined && choices.length === 1) return only
  const minLength = choices.reduce((least, choice) => Math.min(least, choice.minLength), MAX_MIN_LENGTH)
  return { exact: together(choices, ({ exact }) => exact), anyOf: together(choices, requiredBy), minLength }
}

function together(choices: readonly Part[], textsOf: (choice: Part) => readonly string[] | null): readonly string[] | null {
  const all = new Set<string>()
  for (const choice of choices) {
    const texts = textsOf(choice)
    if (texts === null) return null
    for (const text of texts) all.add(text)
  }
  return all.size > MAX_TEXTS ? null : [...all]
}

/** The stronger requirement: the one whose shortest text is longer, then the one with fewer texts. */
function better(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b
  const shortest = (texts: readonly string[]): number => Math.min(...texts.map(({ length }) => length))
  const difference = shortest(a) - shortest(b)
  if (difference !== 0) return difference > 0 ? a : b
  return b.length < a.length ? b : a
}
