// Stage 3 of the candidate filter, for texts: finds every needle of an operand in one pass per kind (a trie of literals and prefixes, one of suffixes, an
// automaton for parts, one without regard to case), and combines the rows that each permits or excludes.
import { LiteralAutomaton } from '../text/literal-automaton.js'
import { isAscii } from '../text/byte-text.js'
import { lowerAscii } from '../../../infra/text/glob.js'
import type { Steps } from '../../../infra/waiting/steps.js'
import type { TextSpans } from '../fields/bytes/scanned-record.js'
import { setBit, type RowPlaces } from './bit-rows.js'
import { NEEDLE_KINDS, type FieldTest, type Needle, type NeedleKind } from './field-test.js'
import { MaskPool } from './mask-pool.js'
import { MaskUnions } from './mask-unions.js'
import { textSearch, type TextSearch } from './text-search.js'

/** A test of the operand in a row: on which layer it must hold (several of one row each have their own), or null for an exclusion. */
export interface RowTest {
  readonly row: number
  readonly layer: number | null
  readonly tests: readonly FieldTest[]
}

/** A search with the rows that it decides about. */
interface RowSearch extends TextSearch {
  readonly rows: Uint32Array
}

/** What the masks of an operand are made of. */
interface MaskTables {
  readonly layers: number
  /** Mask of an empty text. */
  readonly empty: number
  readonly starts: RowSearch | null
  readonly ends: RowSearch | null
  readonly parts: RowSearch | null
  readonly folded: RowSearch | null
  /** Everything that ignores case: for a text with bytes beyond ASCII, where other letters may fold to the same. */
  readonly foldedAll: number
  /** Least lengths in ascending order, each with its mask. */
  readonly lengths: readonly (readonly [length: number, mask: number])[]
  /** Bytes beyond ASCII are not compared as they are in the record: letters fold, or those that are not UTF-8 are replaced. */
  readonly needsAscii: boolean
}

const NOTHING_FOUND = 0
const BLANK = 0x20
const STARTS = 1
const ENDS = 2
const PARTS = 4
const FOLDED = 8
const ALL_SEARCHES = 15

/** Masks of the needles of one operand, for the rows of one event type. */
export class TextMasks {
  readonly #tables: MaskTables
  /** Places of the words of the masks among all rows. */
  readonly #used: Uint16Array
  /** What is found in values, with what holds for any value. */
  readonly #unions: MaskUnions
  #found = NOTHING_FOUND
  /** Bits of the searches that are made. */
  #searches = ALL_SEARCHES
  /** Bits of the bytes of a text that is put together. */
  #bits = 0
  /** Only parts are looked for, which may be found across pieces of a text. */
  readonly isInPieces: boolean
  readonly #piece = { parts: -1, folded: -1 }

  private constructor({ used }: RowPlaces, tables: MaskTables, unions: MaskUnions) {
    this.#used = used
    this.#tables = tables
    this.#unions = unions
    const { empty, ends, lengths, starts } = tables
    this.isInPieces = empty === 0 && ends === null && starts === null && lengths.length === 0
  }

  /**
   * Builds the masks in short steps.
   * @param isCaseless the operand is folded: its needles are lower case, and texts may come unfolded
   */
  static *build(places: RowPlaces, tests: readonly RowTest[], isCaseless: boolean): Steps<TextMasks> {
    const { base, layers, literals, masks } = new MaskBuilder(places, tests, isCaseless)
    const pool = new MaskPool(base.length)
    const maskOf =
      (kind: NeedleKind, read = (text: string): string => text) =>
      (text: string): Uint32Array | undefined =>
        masks.get(keyOf({ kind, text: read(text) }))
    const textsOf = (kind: NeedleKind): readonly string[] => literals.get(kind) ?? []
    const anywhere = { ignoresCase: isCaseless }
    const affix = { isTrie: true, ...anywhere }
    const starts = yield* textSearch(
      [...textsOf('equal'), ...textsOf('prefix')],
      affix,
      { found: maskOf('prefix'), whole: maskOf('equal') },
      pool,
    )
    const ends = yield* textSearch(textsOf('suffix').map(reversed), affix, { found: maskOf('suffix', reversed) }, pool)
    const parts = yield* textSearch(textsOf('part'), anywhere, { found: maskOf('part') }, pool)
    const folded = yield* textSearch(textsOf('foldedPart'), { ignoresCase: true }, { found: maskOf('foldedPart') }, pool)
    const withRows = (search: TextSearch | null, ...kinds: readonly NeedleKind[]): RowSearch | null => {
      if (search === null) return null
      const rows = new Uint32Array(places.words)
      for (const kind of kinds) for (const text of textsOf(kind)) addRows(rows, maskOf(kind)(text))
      return { ...search, rows }
    }
    const permitting = (mask: Uint32Array | undefined): Uint32Array | undefined => mask?.slice(0, layers * places.words)
    const foldedAll = pool.add(textsOf('foldedPart').map((text) => permitting(maskOf('foldedPart')(text))))
    const lengths = textsOf('length').map((text): [number, number] => [Number(text), pool.add([maskOf('length')(text)])])
    const tables: MaskTables = {
      layers,
      empty: pool.add([maskOf('equal')('')]),
      starts: withRows(starts, 'equal', 'prefix'),
      ends: withRows(ends, 'suffix'),
      parts: withRows(parts, 'part'),
      folded: withRows(folded, 'foldedPart'),
      foldedAll,
      lengths: lengths.sort(([a], [b]) => a - b),
      needsAscii: isCaseless || [...literals.values()].some((texts) => !texts.every(isAscii)) || literals.has('length'),
    }
    return new TextMasks(places, tables, new MaskUnions(base, pool.words))
  }

  /** Bits of the searches that decide about some of the rows. */
  searchesFor(alive: Uint32Array): number {
    const { ends, folded, parts, starts } = this.#tables
    const used = this.#used
    const isNeeded = (search: RowSearch | null): boolean =>
      search !== null && used.some((at, word) => ((alive[at] ?? 0) & (search.rows[word] ?? 0)) !== 0)
    return (isNeeded(starts) ? STARTS : 0) | (isNeeded(ends) ? ENDS : 0) | (isNeeded(parts) ? PARTS : 0) | (isNeeded(folded) ? FOLDED : 0)
  }

  /** Only these searches matter for the values that follow. */
  decideBy(searches: number): void {
    this.#searches = searches
  }

  /** The class of the value: what it permits, by `narrowBy`. */
  get found(): number {
    return this.#found
  }

  /** Begins a value. */
  begin(): void {
    this.#found = NOTHING_FOUND
  }

  /** Looks at one text of the value, as a record has it. @returns false if its bytes do not decide */
  addUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#tables.needsAscii && !isAsciiAt(bytes, start, end)) return false
    this.add(bytes, start, end)
    return true
  }

  /** Looks at one text of the value. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const { empty, lengths, starts, ends, parts, folded } = this.#tables
    if (start === end) return this.#join(empty)
    for (const [length, mask] of lengths) {
      if (end - start < length) break
      this.#join(mask)
    }
    if (starts !== null && (this.#searches & STARTS) !== 0) this.#addStarts(starts, bytes, start, end)
    if (ends !== null && (this.#searches & ENDS) !== 0) this.#addEnds(ends, bytes, start, end)
    if (parts !== null && (this.#searches & PARTS) !== 0) this.#walk(parts, 0, bytes, start, end)
    if (folded !== null && (this.#searches & FOLDED) !== 0) {
      this.continueFolded(0, bytes, start, end)
      this.endFolded()
    }
  }

  /** Begins a value of one text. */
  beginPieces(): void {
    const { folded, parts } = this.#tables
    this.#found = NOTHING_FOUND
    this.#bits = 0
    this.#piece.parts = parts !== null && (this.#searches & PARTS) !== 0 ? 0 : -1
    this.#piece.folded = folded !== null && (this.#searches & FOLDED) !== 0 ? 0 : -1
  }

  addPiece(bytes: Uint8Array, start: number, end: number): void {
    const { folded, parts } = this.#tables
    const piece = this.#piece
    if (parts !== null && piece.parts >= 0) piece.parts = this.#walk(parts, piece.parts, bytes, start, end)
    if (folded !== null && piece.folded >= 0) piece.folded = this.#walk(folded, piece.folded, bytes, start, end)
  }

  addItems(bytes: Uint8Array, list: TextSpans, from: number): void {
    const { folded, parts } = this.#tables
    const piece = this.#piece
    if (parts !== null && piece.parts >= 0) piece.parts = this.#walkItems(parts, piece.parts, bytes, list, from)
    if (folded !== null && piece.folded >= 0) piece.folded = this.#walkItems(folded, piece.folded, bytes, list, from)
  }

  endPieces(): boolean {
    const isAscii = this.#bits <= 0x7f
    if (this.#piece.folded >= 0) this.endFolded()
    this.#bits = 0
    return isAscii || !this.#tables.needsAscii
  }

  /**
   * Looks for the parts without regard to case, and nothing else, in one piece of a text that is put together.
   * @param state 0 for the first piece, then what the piece before returned
   */
  continueFolded(state: number, bytes: Uint8Array, start: number, end: number): number {
    const { folded } = this.#tables
    return folded === null ? 0 : this.#walk(folded, state, bytes, start, end)
  }

  /** The same in the items of a list from one on, with a blank between them. */
  continueItems(state: number, bytes: Uint8Array, list: TextSpans, from: number): number {
    const { folded } = this.#tables
    return folded === null ? 0 : this.#walkItems(folded, state, bytes, list, from)
  }

  /** Ends such a text. */
  endFolded(): void {
    if (this.#bits > 0x7f) this.#join(this.#tables.foldedAll)
    this.#bits = 0
  }

  /** Removes the rows that the value does not permit. */
  narrow(alive: Uint32Array): void {
    this.narrowBy(this.#found, alive)
  }

  /** Removes the rows that the values of a class do not permit. */
  narrowBy(found: number, alive: Uint32Array): void {
    const used = this.#used
    const words = this.#unions.words(found)
    const excluded = this.#tables.layers * used.length
    for (let word = 0; word < used.length; word++) {
      let mask = ~(words[excluded + word] ?? 0)
      for (let at = word; at < excluded; at += used.length) mask &= words[at] ?? 0
      const place = used[word] ?? 0
      alive[place] = (alive[place] ?? 0) & mask
    }
  }

  /** Takes the numbers of all classes back. */
  clear(): void {
    this.#unions.clear()
  }

  #addStarts({ classes, width, next, loud }: TextSearch, bytes: Uint8Array, start: number, end: number): void {
    let row = 0
    for (let at = start; at < end; at++) {
      row = next[row + (classes[bytes[at] ?? 0] ?? 0)] ?? 0
      if (row === 0) return
      if (row >= loud) this.#join(next[row + width] ?? 0)
    }
    this.#join(next[row + width + 1] ?? 0)
  }

  #addEnds({ classes, width, next, loud }: TextSearch, bytes: Uint8Array, start: number, end: number): void {
    let row = 0
    for (let at = end - 1; at >= start; at--) {
      row = next[row + (classes[bytes[at] ?? 0] ?? 0)] ?? 0
      if (row === 0) return
      if (row >= loud) this.#join(next[row + width] ?? 0)
    }
  }

  #walk({ classes, width, next, loud }: TextSearch, from: number, bytes: Uint8Array, start: number, end: number): number {
    let row = from
    let bits = this.#bits
    let last = 0
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0
      bits |= byte
      row = next[row + (classes[byte] ?? 0)] ?? 0
      if (row < loud) continue
      const mask = next[row + width] ?? 0
      if (mask !== last) this.#join(mask)
      last = mask
    }
    this.#bits = bits
    return row
  }

  /** In one loop: most arguments are short. */
  #walkItems(
    { classes, width, next, loud }: TextSearch,
    start: number,
    bytes: Uint8Array,
    { spans, count }: TextSpans,
    from: number,
  ): number {
    let row = start
    let bits = this.#bits
    let last = 0
    for (let item = from; item < count; item++) {
      const end = spans[2 * item + 1] ?? 0
      let at = (spans[2 * item] ?? 0) - 1
      let byte = BLANK
      if (item === from) byte = bytes[++at] ?? 0
      for (; at < end; byte = bytes[++at] ?? 0) {
        bits |= byte
        row = next[row + (classes[byte] ?? 0)] ?? 0
        if (row < loud) continue
        const mask = next[row + width] ?? 0
        if (mask !== last) this.#join(mask)
        last = mask
      }
    }
    this.#bits = bits
    return row
  }

  #join(mask: number): void {
    if (mask !== 0) this.#found = this.#unions.join(this.#found, mask)
  }
}

/** Adds the rows of a mask, on any layer or excluded. */
function addRows(rows: Uint32Array, mask: Uint32Array | undefined): void {
  mask?.forEach((word, at) => (rows[at % rows.length] = (rows[at % rows.length] ?? 0) | word))
}

const reversed = (text: string): string => [...text].reverse().join('')

function isAsciiAt(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return false
  return true
}

const keyOf = ({ kind, text }: Needle): string => `${kind} ${text}`

/** Collects what each needle permits and excludes. */
class MaskBuilder {
  readonly base: Uint32Array
  readonly layers: number
  readonly masks = new Map<string, Uint32Array>()
  readonly literals = new Map<NeedleKind, string[]>()
  readonly #places: RowPlaces
  readonly #isCaseless: boolean

  constructor(places: RowPlaces, tests: readonly RowTest[], isCaseless: boolean) {
    this.#places = places
    this.#isCaseless = isCaseless
    this.layers = tests.reduce((most, { layer }) => Math.max(most, (layer ?? 0) + 1), 1)
    this.base = new Uint32Array((this.layers + 1) * places.words)
    for (let layer = 0; layer < this.layers; layer++) {
      const restricted = tests.filter((test) => test.layer === layer).map(({ row }) => row)
      this.base.set(places.without(restricted), layer * places.words)
    }
    const unfit = kindsThatDoNotFit(tests)
    for (const { row, layer, tests: some } of tests) for (const test of some) this.#add(places.of(row), layer, test, unfit)
  }

  #add(row: number, layer: number | null, { needles, isExact }: FieldTest, unfit: ReadonlySet<NeedleKind>): void {
    // A folded value never has a capital: such a needle is found where it is not.
    if (layer === null && (!isExact || (this.#isCaseless && needles?.some(({ text }) => text !== lowerAscii(text)) === true))) return
    const place = (layer ?? this.layers) * this.#places.words
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
