// The graph of what is left of the rows, against asking every step: also with classes that have no number, more nodes than there is room for, and after it
// began again.
import assert from 'node:assert/strict'
import { hasBit, setBit, usedWords } from '../../../../../processors/rule-engine/compiled/bit-rows.js'
import { ABSENT, UNKNOWN_YET } from '../../../../../processors/rule-engine/compiled/byte-text.js'
import { classOf, type Classifier } from '../../../../../processors/rule-engine/compiled/classifier.js'
import { DecisionGraph, type ByteStep } from '../../../../../processors/rule-engine/compiled/decision-graph.js'
import { MaskUnions } from '../../../../../processors/rule-engine/compiled/mask-unions.js'
import type { ScannedRecord } from '../../../../../processors/rule-engine/fields/bytes/scanned-record.js'
import { Random } from '../../../../support/generator/random.js'

const ROWS = 64
const BITS = 14

/** A record that is one value for each step: a class is the bits of the value. */
interface Values {
  readonly values: readonly (number | 'absent' | 'unknown')[]
}

/** Row r is permitted by the bits that it has in `needed`. */
class Fake implements Classifier {
  readonly #place: number
  readonly #unions: MaskUnions
  asked = 0

  constructor(place: number, rows: readonly number[]) {
    this.#place = place
    const pool = new Uint32Array(2 * BITS)
    for (const row of rows) setBit(pool, row, 2 * (row % BITS))
    this.#unions = new MaskUnions(new Uint32Array(2), pool)
  }

  look(record: ScannedRecord): number {
    this.asked++
    const value = (record as unknown as Values).values[this.#place] ?? 'absent'
    if (typeof value === 'string') return value === 'absent' ? ABSENT : UNKNOWN_YET
    let found = 0
    for (let bit = 0; bit < BITS; bit++) if ((value & (1 << bit)) !== 0) found = this.#unions.join(found, 2 * bit)
    return classOf(found)
  }

  narrowBy(found: number, alive: Uint32Array): void {
    const words = this.#unions.words(found)
    for (let row = 0; row < ROWS; row++)
      if (isTested(this.#place, row) && !hasBit(words, row)) alive[row >>> 5] = (alive[row >>> 5] ?? 0) & ~(1 << (row & 31))
  }

  clear(): void {
    this.#unions.clear()
  }
}

const STEPS = 5
const isTested = (step: number, row: number): boolean => row % STEPS === step || row % (STEPS + 2) === step
const rowsOf = (step: number): number[] => [...Array(ROWS).keys()].filter((row) => isTested(step, row))

function expected({ values }: Values): number[] {
  return [...Array(ROWS).keys()].filter((row) =>
    values.every(
      (value, step) => !isTested(step, row) || value === 'unknown' || (value !== 'absent' && (value & (1 << (row % BITS))) !== 0),
    ),
  )
}

describe('a graph of decisions', () => {
  it('leaves what all steps leave, whatever came before', () => {
    const fakes = [...Array(STEPS).keys()].map((step) => new Fake(step, rowsOf(step)))
    const steps = fakes.map((classifier, place): ByteStep => {
      const tested = new Uint32Array(2)
      for (const row of rowsOf(place)) setBit(tested, row)
      return { tested, used: usedWords(tested), needing: tested, classifier, cost: 1 + place, covers: [] }
    })
    const graph = new DecisionGraph(steps, new Uint32Array(2).fill(0xffffffff))
    const random = new Random(7)
    const judged = (values: Values['values']): void => {
      const record = { values }
      const rows = graph.rowsIn(record as unknown as ScannedRecord)
      assert.deepEqual(
        [...Array(ROWS).keys()].filter((row) => rows !== null && hasBit(rows, row)),
        expected(record),
        JSON.stringify(values),
      )
    }
    const someValue = (): Values['values'][number] =>
      random.chance(0.1) ? random.pick(['absent', 'unknown'] as const) : random.below(2 ** BITS) | random.below(2 ** BITS)
    const usual = Array.from({ length: 50 }, () => Array.from({ length: STEPS }, someValue))
    for (const values of [...usual, ...usual]) judged(values)
    const before = fakes.reduce((sum, { asked }) => sum + asked, 0)
    for (const values of usual) judged(values)
    // What is known is asked once, and only as far as needed.
    assert.ok(fakes.reduce((sum, { asked }) => sum + asked, 0) - before <= STEPS * usual.length)
    for (let index = 0; index < 75_000 || graph.isWornOut; index++) {
      judged(Array.from({ length: STEPS }, someValue))
      if (graph.isWornOut) break
    }
    assert.ok(graph.isWornOut, 'there was room for all')
    graph.clear()
    assert.equal(graph.isWornOut, false)
    for (const values of usual) judged(values)
  })

  it('asks the cheapest of the few steps that decide', () => {
    const all = Uint32Array.of(3)
    const single = (place: number, row: number, cost: number): ByteStep & { readonly classifier: Fake } => {
      const tested = Uint32Array.of(1 << row)
      return { tested, used: usedWords(tested), needing: tested, classifier: new Fake(place, []), cost, covers: [] }
    }
    const both: ByteStep & { readonly classifier: Fake } = { ...single(0, 0, 3), tested: all, needing: all, used: usedWords(all) }
    const steps = [both, single(1, 0, 2), single(2, 1, 2)]
    const graph = new DecisionGraph(steps, all)
    const record = { values: ['absent', 'absent', 'absent'] } as unknown as ScannedRecord
    assert.equal(graph.rowsIn(record), null)
    const asked = steps.map(({ classifier }) => (classifier as Fake).asked)
    assert.equal(graph.rowsIn(record), null)
    assert.deepEqual(
      steps.map(({ classifier }, place) => (classifier as Fake).asked - (asked[place] ?? 0)),
      [1, 0, 0],
    )
  })
})
