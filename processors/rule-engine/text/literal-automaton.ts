// Finds many literals in one pass over a text (Aho and Corasick): the cost depends only on the length of the text, not on the number of literals or
// their form, so no literal in an untrusted rule makes it slow.
// @see Aho, Corasick: Efficient string matching, CACM 18 (1975)
import { resultOf, type Steps } from '../../../infra/waiting/steps.js'

/** Most states, one for each prefix of a literal: as many as 16-bit numbers can name. */
const MAX_STATES = 65_535
/** What a state costs next to its cells: a list of what ends there. */
const BYTES_OF_STATE = 40
/** Most cells of the table, two bytes each. */
const MAX_CELLS = 4_000_000

/** How an automaton searches. */
export interface AutomatonOptions {
  /** Only at the beginning of the text: a trie, whose state is 0 as soon as no literal can follow. Default false: anywhere. */
  readonly isTrie?: boolean
  /** ASCII letters match in either case; the literals are lower case. Default false. */
  readonly ignoresCase?: boolean
}

/** The states of an automaton, for a search over bytes. */
export interface AutomatonTable {
  /** Class of each byte: all bytes that occur in no literal are class 0. */
  readonly classes: Uint16Array
  readonly width: number
  /** Next state by state * width + class; the search begins in state 0. */
  readonly next: Uint16Array
  /** The literals that end in each state. */
  readonly ends: readonly (readonly number[])[]
}

/** Finds literals of byte text, each by its place in the list. */
export class LiteralAutomaton {
  readonly #classes: Uint16Array
  readonly #width: number
  readonly #next: Uint16Array
  readonly #ends: readonly (readonly number[])[]
  readonly #isEnd: Uint8Array

  /** @param literals none of them empty. @throws RangeError if they do not {@link LiteralAutomaton.fits} */
  constructor(literals: readonly string[], options: AutomatonOptions = {}) {
    const { classes, width, next, ends } = resultOf(automatonTable(literals, options))
    this.#classes = classes
    this.#width = width
    this.#next = next
    this.#ends = ends
    this.#isEnd = Uint8Array.from(ends, (own) => (own.length > 0 ? 1 : 0))
  }

  /** Whether one automaton can hold the literals. */
  static fits(literals: readonly string[]): boolean {
    const bytes = literals.reduce((sum, { length }) => sum + length, 0)
    const isUsed = new Uint8Array(256)
    let characters = 0
    for (const literal of literals) {
      for (let at = 0; at < literal.length; at++) {
        const byte = literal.charCodeAt(at) & 0xff
        if (isUsed[byte] === 0) characters++
        isUsed[byte] = 1
      }
    }
    return LiteralAutomaton.hasRoom(bytes, characters)
  }

  /** Whether one automaton can hold literals of so many bytes in all, with so many different characters. */
  static hasRoom(bytes: number, characters: number): boolean {
    return bytes < MAX_STATES && (bytes + 1) * (characters + 1) <= MAX_CELLS
  }

  /** Most memory of an automaton for the literals, bytes. */
  static bytesOf(literals: readonly string[]): number {
    const states = literals.reduce((sum, { length }) => sum + length, 1)
    return states * (2 * (new Set(literals.flatMap((literal) => [...literal])).size + 1) + BYTES_OF_STATE)
  }

  /** Whether any literal is in the text. */
  holdsAny(text: string): boolean {
    let state = 0
    for (let at = 0; at < text.length; at++) {
      state = this.#next[state * this.#width + (this.#classes[text.charCodeAt(at) & 0xff] ?? 0)] ?? 0
      if (this.#isEnd[state] === 1) return true
    }
    return false
  }

  /** Calls back for each literal that is in the text, possibly several times. */
  scan(text: string, found: (literal: number) => void): void {
    const next = this.#next
    const classes = this.#classes
    const isEnd = this.#isEnd
    const width = this.#width
    let state = 0
    for (let at = 0; at < text.length; at++) {
      state = next[state * width + (classes[text.charCodeAt(at) & 0xff] ?? 0)] ?? 0
      if (isEnd[state] === 1) this.#ends[state]?.forEach(found)
    }
  }
}

/** Steps of the work on literals and states between two yields. */
const LITERALS_PER_STEP = 256
const CELLS_PER_STEP = 100_000

/** Builds the states in short steps. @param literals none of them empty. @throws RangeError if they do not {@link LiteralAutomaton.fits} */
export function* automatonTable(
  literals: readonly string[],
  { isTrie = false, ignoresCase = false }: AutomatonOptions,
): Steps<AutomatonTable> {
  if (!LiteralAutomaton.fits(literals)) throw new RangeError(`${String(literals.length)} literals are too many for one automaton`)
  const { classes, width } = classesOf(literals)
  if (ignoresCase) classes.copyWithin(0x41, 0x61, 0x7b)
  const room = new Uint16Array((literals.reduce((sum, { length }) => sum + length, 0) + 1) * width)
  const ends = yield* fillTrie(literals, classes, width, room)
  const next = room.slice(0, ends.length * width)
  if (!isTrie) yield* addFallbacks(next, width, ends)
  return { classes, width, next, ends }
}

/** All bytes that occur in no literal are class 0. */
function classesOf(literals: readonly string[]): { readonly classes: Uint16Array; readonly width: number } {
  const classes = new Uint16Array(256)
  let width = 1
  for (const literal of literals) {
    for (let at = 0; at < literal.length; at++) {
      const byte = literal.charCodeAt(at) & 0xff
      if (classes[byte] === 0) classes[byte] = width++
    }
  }
  return { classes, width }
}

/** Fills the cells that lead forward. @returns the literals that end in each state */
function* fillTrie(literals: readonly string[], classes: Uint16Array, width: number, next: Uint16Array): Steps<number[][]> {
  const ends: number[][] = [[]]
  for (const [index, literal] of literals.entries()) {
    if (index % LITERALS_PER_STEP === LITERALS_PER_STEP - 1) yield
    let state = 0
    for (let at = 0; at < literal.length; at++) {
      const cell = state * width + (classes[literal.charCodeAt(at) & 0xff] ?? 0)
      state = next[cell] ?? 0
      if (state === 0) {
        state = ends.length
        next[cell] = state
        ends.push([])
      }
    }
    ends[state]?.push(index)
  }
  return ends
}

/** Fills all other cells, breadth first: the state to fall back to is complete before the states that need it. */
function* addFallbacks(next: Uint16Array, width: number, ends: number[][]): Steps<void> {
  const fallback = new Uint16Array(ends.length)
  const queue = new Uint16Array(ends.length)
  const statesPerStep = Math.ceil(CELLS_PER_STEP / width)
  let tail = 1
  for (let head = 0; head < tail; head++) {
    if (head % statesPerStep === statesPerStep - 1) yield
    const state = queue[head] ?? 0
    const back = fallback[state] ?? 0
    const inherited = state === 0 ? [] : (ends[back] ?? [])
    if (inherited.length > 0) ends[state] = [...(ends[state] ?? []), ...inherited]
    for (let column = 1; column < width; column++) {
      const cell = state * width + column
      const child = next[cell] ?? 0
      const other = state === 0 ? 0 : (next[back * width + column] ?? 0)
      if (child === 0) next[cell] = other
      else {
        fallback[child] = other
        queue[tail++] = child
      }
    }
  }
}
