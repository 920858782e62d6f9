// Stage 3 of the candidate filter, for numbers and truth values: the constants of all rows divide the numbers into classes (each constant, and what is
// between two of them), and the exact tests decide once for a number of each class.
import type { BoundCheck } from '../compile/bound-tree.js'
import { familyOf } from '../fields/field-type.js'
import { compileMatcher } from '../evaluate/matcher.js'
import { setBit, type RowPlaces } from './bit-rows.js'

/** The checks of a row on the operand. */
export interface NumberTests {
  readonly row: number
  /** Of each list, one must hold. */
  readonly required: readonly (readonly BoundCheck[])[]
  readonly excluded: readonly BoundCheck[]
}

/** Constants that are compared as floating point numbers; others decide nothing. */
type Plain = number | boolean

/** Masks of the classes of numbers of one operand, for the rows of one event type. */
export class NumberMasks {
  /** Ascending; truth values are 0 and 1. */
  readonly #points: Float64Array
  /** Rows that each class permits: of class 2i what is below point i, of class 2i + 1 the point. */
  readonly #permitted: readonly Uint32Array[]
  /** Places of the words of the masks among all rows. */
  readonly #used: Uint16Array
  readonly #found: Uint32Array
  /** What the members so far permit; null before the first. */
  #current: Uint32Array | null = null
  #isAny = false

  constructor(places: RowPlaces, tests: readonly NumberTests[]) {
    const checks = tests.flatMap(({ required, excluded }) => [...required.flat(), ...excluded])
    const points = [...new Set(checks.flatMap(constantsOf).filter(isPlain).map(Number))].filter((point) => !Number.isNaN(point))
    this.#points = Float64Array.from(points).sort()
    this.#used = places.used
    this.#found = new Uint32Array(places.words)
    const free = places.without(tests.map(({ row }) => row))
    this.#permitted = Array.from({ length: 2 * points.length + 1 }, (_, index) => {
      const mask = Uint32Array.from(free)
      const value = this.#memberOf(index)
      for (const test of tests) if (permits(test, value)) setBit(mask, places.of(test.row))
      return mask
    })
  }

  begin(): void {
    this.#current = null
    this.#isAny = false
  }

  /** Looks at one member of the value. */
  add(value: unknown): void {
    const number = typeof value === 'boolean' ? Number(value) : value
    if (typeof number !== 'number' || Number.isNaN(number)) {
      this.#isAny = true
      return
    }
    const permitted = this.#permitted[this.#classOf(number)] ?? null
    this.#current = this.#current === null || permitted === null ? permitted : this.#both(this.#current, permitted)
  }

  #both(one: Uint32Array, other: Uint32Array): Uint32Array {
    const found = this.#found
    for (let word = 0; word < found.length; word++) found[word] = (one[word] ?? 0) | (other[word] ?? 0)
    return found
  }

  /** Removes the rows that a value of one number does not permit. */
  narrowTo(number: number, alive: Uint32Array): void {
    const used = this.#used
    const permitted = this.#permitted[this.#classOf(number)]
    if (permitted === undefined) return
    for (let word = 0; word < used.length; word++) {
      const at = used[word] ?? 0
      alive[at] = (alive[at] ?? 0) & (permitted[word] ?? 0)
    }
  }

  /** Removes the rows that the value does not permit. */
  narrow(alive: Uint32Array): void {
    if (this.#isAny) return
    const used = this.#used
    const current = this.#current
    for (let word = 0; word < used.length; word++) {
      const at = used[word] ?? 0
      alive[at] = (alive[at] ?? 0) & (current?.[word] ?? 0)
    }
  }

  #classOf(number: number): number {
    const points = this.#points
    let low = 0
    let high = points.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((points[middle] ?? 0) < number) low = middle + 1
      else high = middle
    }
    return 2 * low + (points[low] === number ? 1 : 0)
  }

  #memberOf(index: number): number {
    const above = this.#points[index >> 1] ?? Infinity
    if ((index & 1) === 1) return above
    const below = this.#points[(index >> 1) - 1] ?? -Infinity
    if (below === -Infinity) return above === Infinity ? 0 : above - 1
    return above === Infinity ? below + 1 : (below + above) / 2
  }
}

const isPlain = (constant: unknown): constant is Plain => typeof constant === 'number' || typeof constant === 'boolean'

function constantsOf(check: BoundCheck): readonly unknown[] {
  return check.kind === 'comparison' && check.right.kind === 'constants' ? check.right.constants : []
}

/** Whether a row may hold for the value: true where a check is not understood. */
function permits({ required, excluded }: NumberTests, value: number): boolean {
  return (
    required.every((anyOf) => anyOf.some((check) => holds(check, value) !== false)) &&
    !excluded.some((check) => holds(check, value) === true)
  )
}

/** null for a check that other members of the value decide too, or that its constants do not. */
function holds(check: BoundCheck, value: number): boolean | null {
  if (check.kind === 'exists') return true
  const { left, operator, modifier, right } = check
  if (right.kind !== 'constants' || !right.constants.every(isPlain)) return null
  if (left.plurality !== 'one' && (operator === '!=' || operator === 'in')) return null
  return compileMatcher(operator, modifier, left.type, right.constants)(familyOf(left.type) === 'bool' ? value === 1 : value)
}
