// Stage 3 of the candidate filter, for numbers and truth values: the constants of all rows divide the numbers into classes (each constant, and what is
// between two of them), and the exact tests decide once for a number of each class.
import type { BoundCheck } from '../compile/bound-tree.js'
import type { Steps } from '../../../infra/waiting/steps.js'
import { familyOf } from '../fields/field-type.js'
import { compileMatcher } from '../evaluate/matcher.js'
import { setBit, type RowPlaces } from './bit-rows.js'
import { MaskUnions, NOT_NUMBERED } from './mask-unions.js'

/** The checks of a row on the operand. */
export interface NumberTests {
  readonly row: number
  /** Of each list, one must hold. */
  readonly required: readonly (readonly BoundCheck[])[]
  readonly excluded: readonly BoundCheck[]
}

/** Constants that are compared as floating point numbers; others decide nothing. */
type Plain = number | boolean

const TESTS_PER_STEP = 50_000

/** Masks of the classes of numbers of one operand, for the rows of one event type. */
export class NumberMasks {
  /** Ascending; truth values are 0 and 1. */
  readonly #points: Float64Array
  /** Places of the words of the masks among all rows. */
  readonly #used: Uint16Array
  /** What the members of a value permit. Of the masks, 2i is that of numbers below point i, 2i + 1 that of the point, and the last one that of anything. */
  readonly #unions: MaskUnions
  /** The unions that are one mask, by the mask. */
  readonly #single: Int32Array
  #found = 0

  private constructor(points: Float64Array, used: Uint16Array, unions: MaskUnions) {
    this.#points = points
    this.#used = used
    this.#unions = unions
    this.#single = new Int32Array(2 * points.length + 2)
    this.#number()
  }

  /** Builds them in short steps, with a yield after each. */
  static *build(places: RowPlaces, tests: readonly NumberTests[]): Steps<NumberMasks> {
    const checks = tests.flatMap(({ required, excluded }) => [...required.flat(), ...excluded])
    const points = [...new Set(checks.flatMap(constantsOf).filter(isPlain).map(Number))].filter((point) => !Number.isNaN(point))
    const sorted = Float64Array.from(points).sort()
    const { words } = places
    const decided = tests.map((test) => ({ at: places.of(test.row), permits: permitting(test) }))
    const pointsPerStep = Math.ceil(TESTS_PER_STEP / Math.max(1, tests.length))
    const free = places.without(tests.map(({ row }) => row))
    const masks = new Uint32Array((2 * points.length + 2) * words).fill(0xffffffff)
    for (let index = 0; index <= 2 * points.length; index++) {
      const mask = masks.subarray(index * words, (index + 1) * words)
      mask.set(free)
      const value = memberOf(sorted, index)
      for (const { at, permits } of decided) if (permits(value)) setBit(mask, at)
      if (index % pointsPerStep === pointsPerStep - 1) yield
    }
    return new NumberMasks(sorted, places.used, new MaskUnions(new Uint32Array(words), masks))
  }

  begin(): void {
    this.#found = 0
  }

  /** Looks at one member of the value. */
  add(value: unknown): void {
    const number = typeof value === 'boolean' ? Number(value) : value
    const isPlainNumber = typeof number === 'number' && !Number.isNaN(number)
    this.#join(isPlainNumber ? this.#classOf(number) : 2 * this.#points.length + 1)
  }

  /** The same for a number. */
  addNumber(number: number): void {
    this.#join(this.#classOf(number))
  }

  #join(index: number): void {
    const single = this.#found === 0 ? (this.#single[index] ?? NOT_NUMBERED) : NOT_NUMBERED
    this.#found = single === NOT_NUMBERED ? this.#unions.join(this.#found, index * this.#used.length) : single
  }

  #number(): void {
    for (const index of this.#single.keys()) this.#single[index] = this.#unions.join(0, index * this.#used.length)
  }

  /** The class of the value: what it permits, by `narrowBy`. */
  get found(): number {
    return this.#found
  }

  /** Removes the rows that the value does not permit. */
  narrow(alive: Uint32Array): void {
    this.narrowBy(this.#found, alive)
  }

  /** Removes the rows that the values of a class do not permit. */
  narrowBy(found: number, alive: Uint32Array): void {
    const used = this.#used
    const words = this.#unions.words(found)
    for (let word = 0; word < used.length; word++) {
      const at = used[word] ?? 0
      alive[at] = (alive[at] ?? 0) & (words[word] ?? 0)
    }
  }

  /** Takes the numbers of all classes back. */
  clear(): void {
    this.#unions.clear()
    this.#number()
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
}

function memberOf(points: Float64Array, index: number): number {
  const above = points[index >> 1] ?? Infinity
  if ((index & 1) === 1) return above
  const below = points[(index >> 1) - 1] ?? -Infinity
  if (below === -Infinity) return above === Infinity ? 0 : above - 1
  return above === Infinity ? below + 1 : (below + above) / 2
}

const isPlain = (constant: unknown): constant is Plain => typeof constant === 'number' || typeof constant === 'boolean'

function constantsOf(check: BoundCheck): readonly unknown[] {
  return check.kind === 'comparison' && check.right.kind === 'constants' ? check.right.constants : []
}

/** Whether a row may hold for a value: true where a check is not understood. */
function permitting({ required, excluded }: NumberTests): (value: number) => boolean {
  const lists = required.map((anyOf) => anyOf.map(deciding))
  const none = excluded.map(deciding)
  return (value) => lists.every((anyOf) => anyOf.some((holds) => holds(value) !== false)) && !none.some((holds) => holds(value) === true)
}

/** null for a check that other members of the value decide too, or that its constants do not. */
function deciding(check: BoundCheck): (value: number) => boolean | null {
  if (check.kind === 'exists') return () => true
  const { left, operator, modifier, right } = check
  if (right.kind !== 'constants' || !right.constants.every(isPlain)) return () => null
  if (left.plurality !== 'one' && (operator === '!=' || operator === 'in')) return () => null
  const matches = compileMatcher(operator, modifier, left.type, right.constants)
  return familyOf(left.type) === 'bool' ? (value) => matches(value === 1) : matches
}
