// Stage 3 of the candidate filter, for texts: finds every needle of an operand in one pass per kind (a trie of literals and prefixes, one of suffixes, an
// automaton for parts, one without regard to case), and combines the rows that each permits or excludes.
import { LiteralAutomaton, type AutomatonOptions } from '../text/literal-automaton.js'
import { isAscii } from '../text/byte-text.js'
import { lowerAscii } from '../../../infra/text/glob.js'
import { setBit } from './bit-rows.js'
import { NEEDLE_KINDS, type FieldTest, type Needle, type NeedleKind } from './field-test.js'

/** A test of the operand in a row: on which layer it must hold (several of one row each have their own), or null for an exclusion. */
export interface RowTest {
  readonly row: number
  readonly layer: number | null
  readonly tests: readonly FieldTest[]
}

/** One search: its tables, and where the mask of each state is in the pool; 0 for none. */
interface Search {
  readonly classes: Uint16Array
  readonly width: number
  readonly next: Uint16Array
  readonly masks: Int32Array
  /** The texts that end in each state. */
  readonly ends: readonly (readonly number[])[]
}

/** Masks of the needles of one operand, for the rows of one event type. */
export class TextMasks {
  readonly #words: number
  readonly #layers: number
  /** What holds for any value, before any needle is found. */
  readonly #base: Uint32Array
  /** Masks, each of stride words; the first is empty. */
  readonly #pool: Uint32Array
  readonly #empty: number
  readonly #starts: Search | null
  /** Masks of literals that are the whole value, by the state of `starts` in which they end. */
  readonly #equals: Int32Array
  readonly #ends: Search | null
  readonly #parts: Search | null
  readonly #folded: Search | null
  /** Everything that ignores case: for a text with bytes beyond ASCII, where other letters may fold to the same. */
  readonly #foldedAll: number
  /** Least lengths in ascending order, each with its mask. */
  readonly #lengths: readonly (readonly [length: number, mask: number])[]
  readonly #found: Uint32Array
  /** Bytes beyond ASCII are not compared as they are in the record: letters fold, or those that are not UTF-8 are replaced. */
  readonly #needsAscii: boolean

  /**
   * @param free by layer, the rows that it does not restrict
   * @param isCaseless the operand is folded: its needles are lower case, and texts may come unfolded
   */
  constructor(words: number, free: readonly Uint32Array[], tests: readonly RowTest[], isCaseless: boolean) {
    this.#words = words
    this.#layers = free.length
    const builder = new MaskBuilder(words, free, tests, isCaseless)
    this.#base = builder.base
    this.#found = new Uint32Array(this.#base.length)
    const pool = new MaskPool(this.#base.length)
    const { literals, masks } = builder
    this.#needsAscii = isCaseless || [...literals.values()].some((texts) => !texts.every(isAscii)) || literals.has('length')
    const anywhere = { ignoresCase: isCaseless }
    const affix = { isTrie: true, ...anywhere }
    this.#empty = pool.add(union([masks.get(keyOf({ kind: 'equal', text: '' }))], this.#base.length))
    const equals = literals.get('equal') ?? []
    const prefixes = literals.get('prefix') ?? []
    const starts = searchOf([...equals, ...prefixes], affix, (text) => masks.get(keyOf({ kind: 'prefix', text })), pool)
    this.#starts = starts
    this.#equals = equalMasks(starts?.ends ?? [], [...equals, ...prefixes], (text) => masks.get(keyOf({ kind: 'equal', text })), pool)
    const reversed = (text: string): string => [...text].reverse().join('')
    const suffixes = (literals.get('suffix') ?? []).map(reversed)
    this.#ends = searchOf(suffixes, affix, (text) => masks.get(keyOf({ kind: 'suffix', text: reversed(text) })), pool)
    this.#parts = searchOf(literals.get('part') ?? [], anywhere, (text) => masks.get(keyOf({ kind: 'part', text })), pool)
    const folded = literals.get('foldedPart') ?? []
    const foldedMask = (text: string): Uint32Array | undefined => masks.get(keyOf({ kind: 'foldedPart', text }))
    this.#folded = searchOf(folded, { ignoresCase: true }, foldedMask, pool)
    this.#foldedAll = pool.add(withoutExclusions(union(folded.map(foldedMask), this.#base.length), words))
    this.#lengths = (literals.get('length') ?? [])
      .map((text): [number, number] => [
        Number(text),
        pool.add(masks.get(keyOf({ kind: 'length', text })) ?? new Uint32Array(this.#base.length)),
      ])
      .sort(([a], [b]) => a - b)
    this.#pool = pool.words
  }

  /** Begins a value. */
  begin(): void {
    this.#found.set(this.#base)
  }

  /** Looks at one text of the value, as a record has it. @returns false if its bytes do not decide */
  addUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#needsAscii && !isAsciiAt(bytes, start, end)) return false
    this.add(bytes, start, end)
    return true
  }

  /** Looks at one text of the value. */
  add(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return this.#join(this.#empty)
    for (const [length, mask] of this.#lengths) {
      if (end - start < length) break
      this.#join(mask)
    }
    if (this.#starts !== null) this.#addStarts(this.#starts, bytes, start, end)
    if (this.#ends !== null) this.#addEnds(this.#ends, bytes, start, end)
    if (this.#parts !== null) this.#addParts(this.#parts, bytes, start, end)
    if (this.#folded !== null) {
      if (isAsciiAt(bytes, start, end)) this.#addParts(this.#folded, bytes, start, end)
      else this.#join(this.#foldedAll)
    }
  }

  /** Removes the rows that the value does not permit. @returns false if none is left */
  narrow(alive: Uint32Array): boolean {
    const found = this.#found
    const words = this.#words
    const excluded = this.#layers * words
    let left = 0
    for (let word = 0; word < words; word++) {
      let mask = ~(found[excluded + word] ?? 0)
      for (let at = word; at < excluded; at += words) mask &= found[at] ?? 0
      left |= alive[word] = (alive[word] ?? 0) & mask
    }
    return left !== 0
  }

  #addStarts({ classes, width, next, masks }: Search, bytes: Uint8Array, start: number, end: number): void {
    let state = 0
    let at = start
    for (; at < end; at++) {
      state = next[state * width + (classes[bytes[at] ?? 0] ?? 0)] ?? 0
      if (state === 0) return
      const mask = masks[state] ?? 0
      if (mask !== 0) this.#join(mask)
    }
    const mask = this.#equals[state] ?? 0
    if (mask !== 0) this.#join(mask)
  }

  #addEnds({ classes, width, next, masks }: Search, bytes: Uint8Array, start: number, end: number): void {
    let state = 0
    for (let at = end - 1; at >= start; at--) {
      state = next[state * width + (classes[bytes[at] ?? 0] ?? 0)] ?? 0
      if (state === 0) return
      const mask = masks[state] ?? 0
      if (mask !== 0) this.#join(mask)
    }
  }

  #addParts({ classes, width, next, masks }: Search, bytes: Uint8Array, start: number, end: number): void {
    let state = 0
    for (let at = start; at < end; at++) {
      state = next[state * width + (classes[bytes[at] ?? 0] ?? 0)] ?? 0
      const mask = masks[state] ?? 0
      if (mask !== 0) this.#join(mask)
    }
  }

  #join(mask: number): void {
    const found = this.#found
    const pool = this.#pool
    for (let word = 0; word < found.length; word++) found[word] = (found[word] ?? 0) | (pool[mask + word] ?? 0)
  }
}

function isAsciiAt(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return false
  return true
}

const keyOf = ({ kind, text }: Needle): string => `${kind} ${text}`

/** Collects what each needle permits and excludes. */
class MaskBuilder {
  readonly base: Uint32Array
  readonly masks = new Map<string, Uint32Array>()
  readonly literals = new Map<NeedleKind, string[]>()
  readonly #words: number
  readonly #layers: number
  readonly #isCaseless: boolean

  constructor(words: number, free: readonly Uint32Array[], tests: readonly RowTest[], isCaseless: boolean) {
    this.#words = words
    this.#layers = free.length
    this.#isCaseless = isCaseless
    this.base = new Uint32Array((free.length + 1) * words)
    free.forEach((rows, layer) => this.base.set(rows, layer * words))
    const unfit = kindsThatDoNotFit(tests)
    for (const { row, layer, tests: some } of tests) for (const test of some) this.#add(row, layer, test, unfit)
  }

  #add(row: number, layer: number | null, { needles, isExact }: FieldTest, unfit: ReadonlySet<NeedleKind>): void {
    // A folded value never has a capital: such a needle is found where it is not.
    if (layer === null && (!isExact || (this.#isCaseless && needles?.some(({ text }) => text !== lowerAscii(text)) === true))) return
    const place = (layer ?? this.#layers) * this.#words
    const isAnyText = needles === null || needles.some(({ kind, text }) => text === '' && kind !== 'equal')
    // A list without members has a value, but no text that even an empty needle is in.
    if (isAnyText && layer === null && needles !== null) return
    if (isAnyText || (layer !== null && needles.some(({ kind }) => unfit.has(kind)))) return setBit(this.base, row, place)
    for (const needle of needles) if (!unfit.has(needle.kind)) setBit(this.#maskOf(needle), row, place)
  }

  #maskOf({ kind, text }: Needle): Uint32Array {
    // The search compares the lower case of both.
    const needle = { kind, text: this.#isCaseless ? lowerAscii(text) : text }
    const key = keyOf(needle)
    const known = this.masks.get(key)
    if (known !== undefined) return known
    const mask = new Uint32Array(this.base.length)
    this.masks.set(key, mask)
    if (needle.text === '') return mask
    const ofKind = this.literals.get(needle.kind)
    if (ofKind === undefined) this.literals.set(needle.kind, [needle.text])
    else ofKind.push(needle.text)
    return mask
  }
}

/** More texts than an automaton holds: then any of them may be in the value. */
function kindsThatDoNotFit(tests: readonly RowTest[]): ReadonlySet<NeedleKind> {
  const needles = tests.flatMap(({ tests: some }) => some.flatMap((test) => test.needles ?? []))
  const fits = (kinds: readonly NeedleKind[]): boolean =>
    LiteralAutomaton.fits([...new Set(needles.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text))])
  const shared: readonly NeedleKind[] = ['equal', 'prefix']
  return new Set(NEEDLE_KINDS.filter((kind) => kind !== 'length' && !fits(shared.includes(kind) ? shared : [kind])))
}

/** Masks without duplicates in one array. */
class MaskPool {
  readonly #stride: number
  readonly #places = new Map<string, number>()
  readonly #masks: Uint32Array[]

  constructor(stride: number) {
    this.#stride = stride
    this.#masks = [new Uint32Array(stride)]
    for (const mask of this.#masks) this.#places.set(bytesOf(mask), 0)
  }

  /** The place of a mask; 0 for an empty one. */
  add(mask: Uint32Array): number {
    const key = bytesOf(mask)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#masks.length * this.#stride
    this.#masks.push(mask)
    this.#places.set(key, place)
    return place
  }

  get words(): Uint32Array {
    const words = new Uint32Array(this.#masks.length * this.#stride)
    this.#masks.forEach((mask, index) => words.set(mask, index * this.#stride))
    return words
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): string => Buffer.from(buffer, byteOffset, byteLength).toString('latin1')

function union(masks: readonly (Uint32Array | undefined)[], length: number): Uint32Array {
  const all = new Uint32Array(length)
  for (const mask of masks) for (let word = 0; word < length; word++) all[word] = (all[word] ?? 0) | (mask?.[word] ?? 0)
  return all
}

function withoutExclusions(mask: Uint32Array, words: number): Uint32Array {
  return mask.fill(0, mask.length - words)
}

function searchOf(
  texts: readonly string[],
  options: AutomatonOptions,
  maskOf: (text: string) => Uint32Array | undefined,
  pool: MaskPool,
): Search | null {
  if (texts.length === 0) return null
  const { classes, width, next, ends } = new LiteralAutomaton(texts, options).table
  const masks = Int32Array.from(ends, (some) => {
    if (some.length === 0) return 0
    const found = some.map((index) => maskOf(texts[index] ?? '')).filter((mask) => mask !== undefined)
    return found.length === 0 ? 0 : pool.add(union(found, found[0]?.length ?? 0))
  })
  return { classes, width, next, masks, ends }
}

function equalMasks(
  ends: readonly (readonly number[])[],
  texts: readonly string[],
  maskOf: (text: string) => Uint32Array | undefined,
  pool: MaskPool,
): Int32Array {
  return Int32Array.from(ends, (some) => {
    if (some.length === 0) return 0
    const [found] = some.map((index) => maskOf(texts[index] ?? '')).filter((mask) => mask !== undefined)
    return found === undefined ? 0 : pool.add(found)
  })
}
