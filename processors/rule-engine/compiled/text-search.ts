// The tables of one search for texts, in the form that is fastest to walk: a state is the place of its row, rows whose texts end there come last, and each
// row has the places of its masks next to its cells.
import { automatonTable, type AutomatonOptions } from '../text/literal-automaton.js'
import type { Steps } from '../../../infra/waiting/steps.js'
import type { MaskPool } from './mask-pool.js'

/** A search. A walk begins in row 0; in a trie, row 0 also means that no text can follow. */
export interface TextSearch {
  /** Class of each byte. */
  readonly classes: Uint16Array
  /** Row that follows, by row + class. At row + width is the mask of the texts that end in the row, at row + width + 1 that of whole values; 0 for none. */
  readonly next: Int32Array
  readonly width: number
  /** Rows from here on have a mask at row + width. */
  readonly loud: number
}

/** The masks of a text. */
export interface TextMaskOf {
  /** Where it is found. */
  readonly found: (text: string) => Uint32Array | undefined
  /** Where it is the whole value. */
  readonly whole?: (text: string) => Uint32Array | undefined
}

const MASKS_PER_STEP = 200
const CELLS_PER_STEP = 200_000
/** Columns of a row next to its cells. */
const MASK_COLUMNS = 2

/** Builds the search in short steps; null if there is nothing to look for. */
export function* textSearch(
  texts: readonly string[],
  options: AutomatonOptions,
  masksOf: TextMaskOf,
  pool: MaskPool,
): Steps<TextSearch | null> {
  if (texts.length === 0) return null
  const { classes, width, next, ends } = yield* automatonTable(texts, options)
  const found = yield* masksOfStates(ends, texts, masksOf.found, pool)
  const whole = yield* masksOfStates(ends, texts, masksOf.whole ?? ((): undefined => undefined), pool)
  const states = [...ends.keys()]
  const quiet = states.filter((state) => found[state] === 0)
  const order = [...quiet, ...states.filter((state) => found[state] !== 0)]
  const stride = width + MASK_COLUMNS
  const rows = new Int32Array(states.length)
  order.forEach((state, place) => (rows[state] = place * stride))
  const cells = new Int32Array(states.length * stride)
  for (const state of states) {
    if ((state * stride) % CELLS_PER_STEP < stride) yield
    const row = rows[state] ?? 0
    for (let column = 0; column < width; column++) cells[row + column] = rows[next[state * width + column] ?? 0] ?? 0
    cells[row + width] = found[state] ?? 0
    cells[row + width + 1] = whole[state] ?? 0
  }
  return { classes, next: cells, width, loud: quiet.length * stride }
}

/** The place of the mask of each state in the pool. */
function* masksOfStates(
  ends: readonly (readonly number[])[],
  texts: readonly string[],
  maskOf: (text: string) => Uint32Array | undefined,
  pool: MaskPool,
): Steps<Uint32Array> {
  const places = new Uint32Array(ends.length)
  let made = 0
  for (const [state, some] of ends.entries()) {
    if (some.length === 0) continue
    if (made++ % MASKS_PER_STEP === MASKS_PER_STEP - 1) yield
    const masks = some.map((index) => maskOf(texts[index] ?? '')).filter((mask) => mask !== undefined)
    if (masks.length > 0) places[state] = pool.add(masks)
  }
  return places
}
