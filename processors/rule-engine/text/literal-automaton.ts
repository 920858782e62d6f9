// Looks for many literals in one walk over a text (Aho and Corasick): the cost hangs on the length of the text alone, not on how many literals there
// are nor how they are made, so no literal of a stranger makes it slow.
// @see Aho, Corasick: Efficient string matching, CACM 18 (1975)

/** Most states, one for each beginning of a literal: what a table of 16-bit numbers can name. */
const MAX_STATES = 65_535
/** Most cells of the table, two bytes each. */
const MAX_CELLS = 4_000_000

interface Trie {
  /** Next state by byte, for each state. */
  readonly next: Map<number, number>[]
  /** Literals that end in a state. */
  readonly ends: number[][]
}

/** Finds literals of byte text, each by its place in the list. */
export class LiteralAutomaton {
  /** Class of each byte: all bytes that occur in no literal are one. */
  readonly #classes = new Uint16Array(256)
  readonly #width: number
  readonly #next: Uint16Array
  readonly #ends: readonly (readonly number[])[]
  readonly #isEnd: Uint8Array

  /** @param literals none of them empty. @throws RangeError when they do not {@link LiteralAutomaton.fits} */
  constructor(literals: readonly string[]) {
    if (!LiteralAutomaton.fits(literals)) throw new RangeError(`${String(literals.length)} literals are too many for one automaton`)
    const trie = trieOf(literals)
    this.#width = this.#classify(literals)
    const states = trie.next.length
    this.#next = new Uint16Array(states * this.#width)
    this.#ends = this.#fill(trie)
    this.#isEnd = Uint8Array.from(this.#ends, (ends) => (ends.length > 0 ? 1 : 0))
  }

  /** Whether one automaton takes the literals. */
  static fits(literals: readonly string[]): boolean {
    const states = literals.reduce((sum, literal) => sum + literal.length, 1)
    const width = new Set(literals.flatMap((literal) => [...literal])).size + 1
    return states <= MAX_STATES && states * width <= MAX_CELLS
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

  /** Calls back for each literal that is in the text, perhaps several times. */
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

  #classify(literals: readonly string[]): number {
    let classes = 1
    for (const literal of literals) {
      for (let at = 0; at < literal.length; at++) {
        const byte = literal.charCodeAt(at) & 0xff
        if (this.#classes[byte] === 0) this.#classes[byte] = classes++
      }
    }
    return classes
  }

  /** Breadth first: the state to fall back to is complete before those that need it. */
  #fill({ next, ends }: Trie): number[][] {
    const allEnds: number[][] = ends.map((own) => [...own])
    const fallback = new Uint16Array(next.length)
    const queue = [0]
    for (let head = 0; head < queue.length; head++) {
      const state = queue[head] ?? 0
      const back = fallback[state] ?? 0
      if (state !== 0) {
        this.#next.copyWithin(state * this.#width, back * this.#width, (back + 1) * this.#width)
        const inherited = allEnds[back] ?? []
        if (inherited.length > 0) allEnds[state] = [...(allEnds[state] ?? []), ...inherited]
      }
      for (const [byte, child] of next[state] ?? []) {
        const cell = state * this.#width + (this.#classes[byte] ?? 0)
        fallback[child] = state === 0 ? 0 : (this.#next[cell] ?? 0)
        this.#next[cell] = child
        queue.push(child)
      }
    }
    return allEnds
  }
}

function trieOf(literals: readonly string[]): Trie {
  const trie: Trie = { next: [new Map()], ends: [[]] }
  for (const [index, literal] of literals.entries()) {
    let state = 0
    for (let at = 0; at < literal.length; at++) {
      const byte = literal.charCodeAt(at) & 0xff
      let child = trie.next[state]?.get(byte)
      if (child === undefined) {
        child = trie.next.length
        trie.next.push(new Map())
        trie.ends.push([])
        trie.next[state]?.set(byte, child)
      }
      state = child
    }
    trie.ends[state]?.push(index)
  }
  return trie
}
