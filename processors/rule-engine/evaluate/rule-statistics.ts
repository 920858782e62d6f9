// Statistics of each rule since the rule set took effect: evaluations, matches, cost. Counts are exact. Time is sampled, so that measuring
// costs almost nothing. No verdict depends on it.
import type { CompiledRule } from '../rule-set/compiled-rule.js'

/** One evaluation in this many is timed, for each rule. */
export const TIMED_EVERY = 64

/** Statistics of one rule. */
export interface RuleFigures {
  readonly rule: CompiledRule
  /** Evaluations of its condition; for other events, the filter may have excluded the rule. */
  readonly evaluated: number
  /** Definite matches. */
  readonly matched: number
  /** Time spent on it, estimated from the timed evaluations. The time of a shared test counts for the first rule that runs it. */
  readonly seconds: number
}

/** Counts of each rule of one set, by position in the load order. */
export class RuleStatistics {
  readonly #rules: readonly CompiledRule[]
  readonly #evaluated: Float64Array
  readonly #matched: Float64Array
  readonly #timed: Float64Array
  readonly #timedMs: Float64Array
  readonly #mask: number
  #events = 0

  /** @param rules in load order; @param timedEvery a power of two */
  constructor(rules: readonly CompiledRule[], timedEvery = TIMED_EVERY) {
    this.#rules = rules
    this.#mask = timedEvery - 1
    this.#evaluated = new Float64Array(rules.length)
    this.#matched = new Float64Array(rules.length)
    this.#timed = new Float64Array(rules.length)
    this.#timedMs = new Float64Array(rules.length)
  }

  /** In load order. */
  get rules(): readonly CompiledRule[] {
    return this.#rules
  }

  /** Events that were judged: the evaluations of a rule among them are its share. */
  get events(): number {
    return this.#events
  }

  /** Counts an event. */
  saw(): void {
    this.#events++
  }

  /** Counts an evaluation. Returns true if it is to be timed. The first one never is, because it also prepares shared state. */
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

  /** The figures of every rule, in load order. */
  figures(): RuleFigures[] {
    return this.#rules.map((rule, position) => {
      const evaluated = this.#evaluated[position] ?? 0
      const timed = this.#timed[position] ?? 0
      const seconds = timed === 0 ? 0 : ((this.#timedMs[position] ?? 0) / timed / 1000) * evaluated
      return { rule, evaluated, matched: this.#matched[position] ?? 0, seconds }
    })
  }
}
