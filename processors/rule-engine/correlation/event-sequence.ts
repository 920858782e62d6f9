// Correlations of events that are given as a list: by `rules eval` and by tests of rules. Each event is told with the rules that hold for it; the
// end of the list ends all windows.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { FieldSource } from '../fields/field-source.js'
import { correlateSequence } from './correlate-sequence.js'
import type { Firing } from './judge-window.js'
import { observationOf } from './observation.js'
import type { Observation } from './observation.js'
import { readTap } from '../rule-set/tap.js'

/** Takes a list of events one by one, then tells which correlations fired. */
export class EventSequence {
  readonly #observations: Observation<number>[] = []
  #index = -1
  #timeUs = 0

  /** Moves to the next event. @param timeUs when it was, Unix microseconds; null when it does not say: at the time of the event before it, behind it */
  next(timeUs: number | null): void {
    this.#index++
    this.#timeUs = timeUs ?? this.#timeUs
  }

  /** The current event matched the rule. */
  matched({ feeds }: Pick<CompiledRule, 'feeds'>, source: FieldSource): void {
    if (feeds === undefined) return
    const moment = { timeUs: this.#timeUs, tie: this.#index, id: String(this.#index) }
    for (const tap of feeds.taps) this.#observations.push(observationOf(readTap(tap, source), moment, this.#index))
  }

  /** What fired and speaks for itself, in order of time. The evidence is the index of the event that completed it. */
  firings(): Firing<number>[] {
    return correlateSequence(this.#observations).filter(({ correlation }) => !correlation.isSilent)
  }
}
