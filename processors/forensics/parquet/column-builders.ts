// The columns of a row group while its rows are put in, and how each becomes a column chunk. A column is cleared and used again for the next group.
// Values are kept as places in a dictionary, so that rows that repeat cost a number; no text is created.
import type { ColumnChunk, SchemaElement } from 'hyparquet'
import { ByteDictionary } from './byte-dictionary.js'
import type { ChunkOutput, ChunkScratch, ChunkStatistics } from './chunk-output.js'
import { bitWidthOf, MOST_RANGE, writeDeltas, writeHybrid } from './encodings.js'
import { PageBytes } from './page-bytes.js'

/** Most rows of a row group. */
export const GROUP_ROWS = 32_768
/** Bytes of values in a page of raw bytes. */
const PAGE_BYTES = 1 << 20
/** Null, among places in a dictionary. */
const NULL = -1

/** A column of a row group. Rows without a value are null. */
export interface ColumnBuilder {
  readonly element: SchemaElement
  /** The row has no value, whatever was put. Only the last row may be cleared. */
  clearRow(row: number): void
  /** Writes the chunk of rows [0, rows), and forgets them. */
  write(output: ChunkOutput, scratch: ChunkScratch, rows: number): ColumnChunk
}

/** The places of rows that are not null, in the scratch. @returns how many */
function collectPresent(places: Int32Array, rows: number, scratch: ChunkScratch): number {
  let count = 0
  for (let row = 0; row < rows; row++) {
    const place = places[row] ?? NULL
    scratch.isPresent[row] = place < 0 ? 0 : 1
    if (place >= 0) scratch.places[count++] = place
  }
  return count
}

/** Things with a place in each of `width` columns, of which the column is the one at `at`. */
export interface PlacesOfThings {
  readonly places: Int32Array
  readonly at: number
  readonly width: number
}

/** What all columns of places in a dictionary have. */
export abstract class PlacesColumn implements ColumnBuilder {
  readonly element: SchemaElement
  /** By row; valid where a row was put. */
  protected readonly places = new Int32Array(GROUP_ROWS).fill(NULL)

  constructor(element: SchemaElement) {
    this.element = element
  }

  clearRow(row: number): void {
    this.places[row] = NULL
  }

  /** The place of a row's value; below zero for null. */
  placeOf(row: number): number {
    return this.places[row] ?? NULL
  }

  /** The row has the value of this place. */
  putPlace(row: number, place: number): void {
    this.places[row] = place
  }

  /** Rows [0, rows) have the places of their things; a row of a thing below zero stays as it is. */
  putPlaces(thingOfRow: Int32Array, rows: number, { places, at, width }: PlacesOfThings): void {
    const own = this.places
    for (let row = 0; row < rows; row++) {
      const thing = thingOfRow[row] ?? NULL
      if (thing >= 0) own[row] = places[thing * width + at] ?? NULL
    }
  }

  protected abstract readonly size: number
  /** Writes the value of a place (PLAIN). */
  protected abstract writeValue(page: PageBytes, place: number): void
  protected abstract statistics(): ChunkStatistics
  protected abstract forget(): void

  write(output: ChunkOutput, scratch: ChunkScratch, rows: number): ColumnChunk {
    const { size } = this
    const chunk = output.begin(this.element, rows)
    const count = collectPresent(this.places, rows, scratch)
    // A dictionary that is not much shorter than its column only costs its places.
    const isPlain = size * 2 > count
    if (!isPlain) chunk.dictionary(size, (page) => this.#writeDictionary(page))
    chunk.page(rows, count, isPlain ? 'PLAIN' : 'RLE_DICTIONARY', (page) => {
      if (isPlain) for (let i = 0; i < count; i++) this.writeValue(page, scratch.places[i] ?? 0)
      else {
        const width = bitWidthOf(size - 1)
        page.byte(width)
        writeHybrid(page, scratch.places, count, width)
      }
      return undefined
    })
    const written = output.end(chunk, this.statistics())
    this.places.fill(NULL, 0, rows)
    this.forget()
    return written
  }

  #writeDictionary(page: PageBytes): void {
    for (let place = 0; place < this.size; place++) this.writeValue(page, place)
  }
}

/** Texts or bytes that repeat. */
export class BytesColumn extends PlacesColumn {
  readonly #dictionary: ByteDictionary
  readonly #hasBloom: boolean

  constructor(element: SchemaElement, hasBloom = false) {
    super(element)
    this.#dictionary = new ByteDictionary(element.converted_type === 'UTF8')
    this.#hasBloom = hasBloom
  }

  /** The row has bytes[start, end). @returns their place */
  put(row: number, bytes: Uint8Array, start: number, end: number): number {
    const place = this.#dictionary.numberOf(bytes, start, end)
    this.places[row] = place
    return place
  }

  /** Values that were not in it before: `dictionary.append` numbers them. */
  get dictionary(): ByteDictionary {
    return this.#dictionary
  }

  putText(row: number, text: string): void {
    const bytes = Buffer.from(text)
    this.places[row] = this.#dictionary.numberOf(bytes, 0, bytes.length)
  }

  /** The values that rows have, in the order in which they came. */
  texts(): string[] {
    return Array.from({ length: this.size }, (_, place) => this.#dictionary.at(place).toString('utf8'))
  }

  protected get size(): number {
    return this.#dictionary.count
  }

  protected writeValue(page: PageBytes, place: number): void {
    const bytes = this.#dictionary.at(place)
    page.uint32(bytes.length)
    page.append(bytes)
  }

  protected statistics(): ChunkStatistics {
    if (this.element.converted_type === undefined) return {}
    let min: Buffer | undefined
    let max: Buffer | undefined
    for (let place = 0; place < this.size; place++) {
      const bytes = this.#dictionary.at(place)
      if (min === undefined || bytes.compare(min) < 0) min = bytes
      if (max === undefined || bytes.compare(max) > 0) max = bytes
    }
    // Copies: the footer is written after later row groups, whose values are in the same memory.
    const bounds = { min: min && Buffer.from(min), max: max && Buffer.from(max) }
    if (!this.#hasBloom) return bounds
    return { ...bounds, distinct: Array.from({ length: this.size }, (_, place) => this.#dictionary.at(place)) }
  }

  protected forget(): void {
    this.#dictionary.clear()
  }
}

/** Numbers that repeat. */
export class NumberColumn extends PlacesColumn {
  readonly #placeByNumber = new Map<number, number>()
  readonly #numbers: number[] = []
  #last = 0

  put(row: number, number: number): void {
    if (this.#numbers[this.#last] !== number) {
      const place = this.#placeByNumber.get(number)
      this.#last = place ?? this.#numbers.push(number) - 1
      if (place === undefined) this.#placeByNumber.set(number, this.#last)
    }
    this.places[row] = this.#last
  }

  protected get size(): number {
    return this.#numbers.length
  }

  protected writeValue(page: PageBytes, place: number): void {
    const number = this.#numbers[place] ?? 0
    if (this.element.type === 'INT32') page.uint32(number >>> 0)
    else page.int64(number)
  }

  protected statistics(): ChunkStatistics {
    let min = Infinity
    let max = -Infinity
    for (const number of this.#numbers) {
      if (number < min) min = number
      if (number > max) max = number
    }
    if (min > max) return {}
    return this.element.type === 'INT32' ? { min, max } : { min: BigInt(min), max: BigInt(max) }
  }

  protected forget(): void {
    this.#placeByNumber.clear()
    this.#numbers.length = 0
    this.#last = 0
  }
}

/** True and false. */
export class BooleanColumn extends PlacesColumn {
  #isSeen = [false, false]

  put(row: number, value: boolean): void {
    this.places[row] = value ? 1 : 0
    this.#isSeen[value ? 1 : 0] = true
  }

  protected get size(): number {
    return 2
  }

  override write(output: ChunkOutput, scratch: ChunkScratch, rows: number): ColumnChunk {
    const chunk = output.begin(this.element, rows)
    const count = collectPresent(this.places, rows, scratch)
    chunk.page(rows, count, 'PLAIN', (page) => {
      for (let i = 0; i < count; i += 8) {
        let bits = 0
        for (let bit = 0; bit < 8 && i + bit < count; bit++) bits |= (scratch.places[i + bit] ?? 0) << bit
        page.byte(bits)
      }
      return undefined
    })
    const written = output.end(chunk, this.statistics())
    this.places.fill(NULL, 0, rows)
    this.forget()
    return written
  }

  protected writeValue(): void {
    throw new TypeError('booleans have no dictionary')
  }

  protected statistics(): ChunkStatistics {
    const [hasFalse = false, hasTrue = false] = this.#isSeen
    return hasFalse || hasTrue ? { min: !hasFalse, max: hasTrue } : {}
  }

  protected forget(): void {
    this.#isSeen = [false, false]
  }
}

/** Numbers that grow or rarely repeat: offsets, times, counters. */
export class GrowingColumn implements ColumnBuilder {
  readonly element: SchemaElement
  readonly #values = new Float64Array(GROUP_ROWS).fill(NaN)
  readonly #present = new Float64Array(GROUP_ROWS)
  /** Smallest and largest value of the last chunk; null for none. */
  written: { readonly min: number; readonly max: number } | null = null

  constructor(element: SchemaElement) {
    this.element = element
  }

  put(row: number, number: number): void {
    this.#values[row] = number
  }

  clearRow(row: number): void {
    this.#values[row] = NaN
  }

  write(output: ChunkOutput, scratch: ChunkScratch, rows: number): ColumnChunk {
    const values = this.#present
    let count = 0
    let min = Infinity
    let max = -Infinity
    for (let row = 0; row < rows; row++) {
      const value = this.#values[row] ?? NaN
      scratch.isPresent[row] = Number.isNaN(value) ? 0 : 1
      if (Number.isNaN(value)) continue
      values[count++] = value
      if (value < min) min = value
      if (value > max) max = value
    }
    const isDeltas = count > 0 && max - min < MOST_RANGE
    const chunk = output.begin(this.element, rows)
    chunk.page(rows, count, isDeltas ? 'DELTA_BINARY_PACKED' : 'PLAIN', (page) => {
      if (isDeltas) writeDeltas(page, values, count)
      else for (let i = 0; i < count; i++) page.int64(values[i] ?? 0)
      return undefined
    })
    const written = output.end(chunk, count === 0 ? {} : { min: BigInt(min), max: BigInt(max) })
    this.#values.fill(NaN, 0, rows)
    this.written = count === 0 ? null : { min, max }
    return written
  }
}

/** A column of a field. */
export type FieldColumn = BytesColumn | NumberColumn | BooleanColumn | GrowingColumn

/** Bytes that don't repeat, in order of the rows. */
export class RawColumn implements ColumnBuilder {
  readonly element: SchemaElement
  readonly #bytes = new PageBytes()
  /** Begin of each row's bytes, and its length; -1 for null. */
  readonly #starts = new Int32Array(GROUP_ROWS + 1)
  readonly #lengths = new Int32Array(GROUP_ROWS).fill(NULL)

  constructor(element: SchemaElement) {
    this.element = element
  }

  put(row: number, bytes: Uint8Array, start: number, end: number): void {
    this.#starts[row] = this.#bytes.position
    this.#lengths[row] = end - start
    this.#bytes.uint32(end - start)
    this.#bytes.append(bytes, start, end)
  }

  clearRow(row: number): void {
    this.#lengths[row] = NULL
  }

  write(output: ChunkOutput, scratch: ChunkScratch, rows: number): ColumnChunk {
    const chunk = output.begin(this.element, rows)
    let from = 0
    while (from < rows) {
      let bytes = 0
      let to = from
      let start = -1
      let count = 0
      for (; to < rows && (bytes < PAGE_BYTES || to === from); to++) {
        const length = this.#lengths[to] ?? NULL
        scratch.isPresent[to - from] = length < 0 ? 0 : 1
        if (length < 0) continue
        if (start < 0) start = this.#starts[to] ?? 0
        bytes += 4 + length
        count++
      }
      const first = Math.max(start, 0)
      chunk.page(to - from, count, 'PLAIN', () => this.#bytes.bytes.subarray(first, first + bytes))
      from = to
    }
    const written = output.end(chunk, {})
    this.#lengths.fill(NULL, 0, rows)
    this.#bytes.position = 0
    return written
  }
}
