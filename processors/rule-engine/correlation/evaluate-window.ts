// Evaluates one group of a correlation: takes its observations in time order and reports when it fires. It changes nothing but the given window; the same
// observations always lead to the same alerts.
//
// crossing: a window slides with the events and fires as soon as the condition holds. Everything within one timespan of the first event that counted
// belongs to that window: the group fires again only with later events.
// close: a window opens with the first event and lasts one timespan. It is evaluated at its end, and the next one opens with the next event.
import {
  measure,
  MAX_OBSERVATIONS,
  enforceBound,
  expire,
  addObservation,
  type GroupWindow,
  type WindowObservation,
  type Observation,
} from './group-window.js'
import { holds, leastCount, type CompiledCorrelation } from '../rule-set/compiled-correlation.js'

/** A correlation that fired for a group. */
export interface Firing<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly group: readonly (string | null)[]
  /** The window: one timespan from its first event. Microseconds, wall time. */
  readonly startUs: number
  readonly endUs: number
  /** The time when it was known: that of the crossing event, or the end of the window. */
  readonly atUs: number
  /** The figure that was compared with the condition. */
  readonly count: number
  /** The events that count, in time order. */
  readonly events: readonly WindowObservation[]
  readonly eventCount: number
  /** The crossing observation, or the last one of the window. */
  readonly completing: Observation<Evidence>
}

/** Events at bounds during an evaluation. */
export interface WindowLosses {
  /** An observation was dropped from, or refused by, a full window. */
  onFull(): void
  /** A window was not evaluated: it had more observations than the bound, and the rest matters. */
  onUnevaluated(): void
}

/** @param due in time order; @param upToUs nothing earlier will come: windows that end before are evaluated. Infinity ends all windows. */
export function evaluateWindow<Evidence>(
  window: GroupWindow<Evidence>,
  correlation: CompiledCorrelation,
  due: readonly Observation<Evidence>[],
  upToUs: number,
  losses: WindowLosses,
  maxObservations = MAX_OBSERVATIONS,
): Firing<Evidence>[] {
  const evaluation = new WindowEvaluation(window, correlation, losses, maxObservations)
  for (const observation of due) {
    evaluation.close(observation.timeUs)
    evaluation.take(observation)
  }
  evaluation.close(upToUs)
  return evaluation.firings
}

class WindowEvaluation<Evidence> {
  readonly firings: Firing<Evidence>[] = []
  readonly #window: GroupWindow<Evidence>
  readonly #correlation: CompiledCorrelation
  readonly #losses: WindowLosses
  readonly #maxObservations: number

  constructor(window: GroupWindow<Evidence>, correlation: CompiledCorrelation, losses: WindowLosses, maxObservations: number) {
    this.#window = window
    this.#correlation = correlation
    this.#losses = losses
    this.#maxObservations = maxObservations
  }

  take(observation: Observation<Evidence>): void {
    if (this.#correlation.verdictAt === 'close') this.#gather(observation)
    else this.#slide(observation)
  }

  /** Evaluates a window that ends before this time. */
  close(timeUs: number): void {
    const { openedAtUs, latest, observations, dropped } = this.#window
    const { timespan, thresholds, type } = this.#correlation
    if (openedAtUs === null || latest === null || openedAtUs + timespan.us >= timeUs) return
    const count = type === 'event_count' ? observations.length + dropped : measure(this.#correlation, observations)
    if (dropped > 0 && type !== 'event_count') this.#losses.onUnevaluated()
    else if (count !== null && holds(thresholds, count)) {
      this.#fire(latest, { startUs: openedAtUs, atUs: openedAtUs + timespan.us, count, eventCount: observations.length + dropped })
    }
    Object.assign(this.#window, { observations: [], openedAtUs: null, dropped: 0, latest: null })
  }

  #gather(observation: Observation<Evidence>): void {
    const window = this.#window
    if (!addObservation(this.#correlation, window.observations, observation)) return
    window.openedAtUs ??= observation.timeUs
    window.latest = observation
    if (window.observations.length <= this.#maxObservations) return
    window.observations.pop()
    window.dropped++
    this.#losses.onFull()
  }

  #slide(observation: Observation<Evidence>): void {
    const window = this.#window
    const { timespan, thresholds } = this.#correlation
    if (window.firedUntilUs !== null && observation.timeUs <= window.firedUntilUs) return
    expire(window.observations, observation.timeUs - timespan.us)
    if (!addObservation(this.#correlation, window.observations, observation)) return
    if (enforceBound(window.observations, this.#maxObservations)) this.#losses.onFull()
    if (!this.#mayCross(observation)) return
    const count = measure(this.#correlation, window.observations)
    const first = window.observations[0]
    if (first === undefined || count === null || !holds(thresholds, count)) {
      this.#leaveLast(observation)
      return
    }
    this.#fire(observation, { startUs: first.timeUs, atUs: observation.timeUs, count, eventCount: window.observations.length })
    window.firedUntilUs = first.timeUs + timespan.us
    window.observations = []
  }

  /** An ordered chain of rules is at most as long as the position of its last rule. */
  #mayCross({ member }: Observation<Evidence>): boolean {
    const { type, thresholds } = this.#correlation
    return type !== 'temporal_ordered' || member + 1 >= leastCount(thresholds)
  }

  /** The last rule of an order ends chains and begins none: a match that completes no chain is useless. */
  #leaveLast({ member }: Observation<Evidence>): void {
    const { type, members } = this.#correlation
    if (type === 'temporal_ordered' && member === members.length - 1) this.#window.observations.pop()
  }

  #fire(completing: Observation<Evidence>, parts: Pick<Firing<Evidence>, 'startUs' | 'atUs' | 'count' | 'eventCount'>): void {
    const { timespan } = this.#correlation
    const { group } = completing
    const events = this.#window.observations
    this.firings.push({ correlation: this.#correlation, group, endUs: parts.startUs + timespan.us, events, completing, ...parts })
  }
}

/** Whether nothing of the group is needed any more. */
export function isOver<Evidence>(window: GroupWindow<Evidence>, { timespan }: CompiledCorrelation, upToUs: number): boolean {
  const last = window.observations.at(-1)
  const hasFiredUntil = window.firedUntilUs ?? -Infinity
  return window.openedAtUs === null && hasFiredUntil <= upToUs && (last === undefined || last.timeUs + timespan.us < upToUs)
}
