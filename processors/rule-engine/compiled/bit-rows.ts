// Sets of rows as bits of 32-bit words: the masks that the candidate filter combines.

/** Words that hold so many bits. */
export const wordsFor = (bits: number): number => (bits + 31) >>> 5

export function setBit(words: Uint32Array, bit: number, from = 0): void {
  const at = from + (bit >>> 5)
  words[at] = (words[at] ?? 0) | (1 << (bit & 31))
}

export function clearBit(words: Uint32Array, bit: number): void {
  const at = bit >>> 5
  words[at] = (words[at] ?? 0) & ~(1 << (bit & 31))
}

export function hasBit(words: Uint32Array, bit: number): boolean {
  return ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0
}

export function isEmpty(words: Uint32Array): boolean {
  for (let word = 0; word < words.length; word++) if (words[word] !== 0) return false
  return true
}

/** Places of the words that have members. */
export function usedWords(words: Uint32Array): Uint16Array {
  return Uint16Array.from([...words.keys()].filter((word) => words[word] !== 0))
}

/** Rows of a few words, numbered as if there were no other words: what masks of an operand hold, since few rows test it. */
export class RowPlaces {
  /** Places of the words in the whole set. */
  readonly used: Uint16Array
  readonly #placeOf: ReadonlyMap<number, number>

  constructor(tested: Uint32Array) {
    this.used = usedWords(tested)
    this.#placeOf = new Map([...this.used].map((word, place) => [word, place]))
  }

  get words(): number {
    return this.used.length
  }

  /** The number of a row of these words. */
  of(row: number): number {
    const place = this.#placeOf.get(row >>> 5)
    if (place === undefined) throw new RangeError(`row ${String(row)} is in none of the words`)
    return place * 32 + (row & 31)
  }

  /** All rows of the words but some. */
  without(rows: Iterable<number>): Uint32Array {
    const others = new Uint32Array(this.words).fill(0xffffffff)
    for (const row of rows) {
      const at = this.of(row)
      others[at >>> 5] = (others[at >>> 5] ?? 0) & ~(1 << (at & 31))
    }
    return others
  }
}

/** Whether two sets have a member in common. @param used the used words of `b`: most sets have few */
export function meets(a: Uint32Array, b: Uint32Array, used: Uint16Array): boolean {
  for (let at = 0; at < used.length; at++) {
    const word = used[at] ?? 0
    if (((a[word] ?? 0) & (b[word] ?? 0)) !== 0) return true
  }
  return false
}

/** How many members two sets have in common. */
export function membersIn(a: Uint32Array, b: Uint32Array): number {
  let count = 0
  for (let word = 0; word < a.length; word++) for (let left = (a[word] ?? 0) & (b[word] ?? 0); left !== 0; left &= left - 1) count++
  return count
}

/** Adds the members of the second set. */
export function union(to: Uint32Array, added: Uint32Array): void {
  for (let word = 0; word < to.length; word++) to[word] = (to[word] ?? 0) | (added[word] ?? 0)
}

/** Removes the members of the second set. @returns false if none is left */
export function subtract(from: Uint32Array, removed: Uint32Array): boolean {
  let left = 0
  for (let word = 0; word < from.length; word++) left |= from[word] = (from[word] ?? 0) & ~(removed[word] ?? 0)
  return left !== 0
}

/** Removes all but the members of the second set. @returns false if none is left */
export function intersect(from: Uint32Array, kept: Uint32Array): boolean {
  let left = 0
  for (let word = 0; word < from.length; word++) left |= from[word] = (from[word] ?? 0) & (kept[word] ?? 0)
  return left !== 0
}

/** The members in ascending order. */
export function membersOf(words: Uint32Array): number[] {
  const members: number[] = []
  for (let word = 0; word < words.length; word++) {
    for (let left = words[word] ?? 0; left !== 0; left &= left - 1) members.push(word * 32 + (31 - Math.clz32(left & -left)))
  }
  return members
}
