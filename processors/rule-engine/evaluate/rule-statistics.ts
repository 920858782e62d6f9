// What each rule of a set did since the set came into force: how often it was asked, how often it held, and what it cost. Counts are exact; time is
// measured for one judgement of many, so that measuring costs next to nothing. No verdict hangs on any of it.
import type { CompiledRule } from '../rule-set/compiled-rule.js'

/** Of each rule one judgement of so many is timed. */
export const TIMED_EVERY = 64

/** What one rule did. */
export interface RuleFigures {
  readonly rule: CompiledRule
  /** Times its condition was judged; an index in front of it may have ruled it out for all other events. */
  readonly evaluated: number
  /** Times it held for certain. */
  readonly matched: number
  /** Time spent on it, estimated from the timed judgements. A test that several rules share is on the account of the first that asks it. */
  readonly seconds: number
}

/** Counts of each rule of one set, by its place in the load order. */
export class RuleStatistics {
  readonly #rules: readonly CompiledRule[]
  readonly #evaluated: Float64Array
  readonly #matched: Float64Array
  readonly #timed: Float64Array
  readonly #timedMs: Float64Array
  readonly #mask: number

  /** @param rules by their positions; @param timedEvery a power of two */
  constructor(rules: readonly CompiledRule[], timedEvery = TIMED_EVERY) {
    this.#rules = rules
    this.#mask = timedEvery - 1
    this.#evaluated = new Float64Array(rules.length)
    this.#matched = new Float64Array(rules.length)
    this.#timed = new Float64Array(rules.length)
    this.#timedMs = new Float64Array(rules.length)
  }

  /** Counts a judgement. True when it is one of those that are timed: never the first, which also prepares what the others use. */
  begin(position: number): boolean {
    const before = this.#evaluated[position] ?? 0
    this.#evaluated[position] = before + 1
    return before > 0 && (before & this.#mask) === (1 & this.#mask)
  }

  matched(position: number): void {
    this.#matched[position] = (this.#matched[position] ?? 0) + 1
  }

  timed(position: number, ms: number): void {
    this.#timed[position] = (this.#timed[position] ?? 0) + 1
    this.#timedMs[position] = (this.#timedMs[position] ?? 0) + ms
  }

  /** Of every rule, in load order. */
  figures(): RuleFigures[] {
    return this.#rules.map((rule, position) => {
      const evaluated = this.#evaluated[position] ?? 0
      const timed = this.#timed[position] ?? 0
      const seconds = timed === 0 ? 0 : ((this.#timedMs[position] ?? 0) / timed / 1000) * evaluated
      return { rule, evaluated, matched: this.#matched[position] ?? 0, seconds }
    })
  }
}
