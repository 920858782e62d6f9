// Evaluates one group of a correlation: takes its observations in time order and reports when it fires. It changes nothing but the given window; the same
// observations always lead to the same alerts.
//
// crossing: a window slides with the events and fires as soon as the condition holds. Everything within one timespan of the first event that counted
// belongs to that window: the group fires again only with later events.
// close: a window opens with the first event and lasts one timespan. It is evaluated at its end, and the next one opens with the next event.
import { measure, MAX_KEPT, enforceBound, expire, keep, type GroupWindow, type Kept, type Observation } from './group-window.js'
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
  readonly events: readonly Kept[]
  readonly eventCount: number
  /** The crossing observation, or the last one of the window. */
  readonly completing: Observation<Evidence>
}

/** Events at bounds during an evaluation. */
export interface JudgeLosses {
  /** An observation was dropped from, or refused by, a full window. */
  onFull(): void
  /** A window was not evaluated: it had more observations than the bound, and the rest matters. */
  onUnjudged(): void
}

/** @param due in time order; @param upToUs nothing earlier will come: windows that end before are evaluated. Infinity ends all windows. */
export function judgeWindow<Evidence>(
  window: GroupWindow<Evidence>,
  correlation: CompiledCorrelation,
  due: readonly Observation<Evidence>[],
  upToUs: number,
  losses: JudgeLosses,
  mostKept = MAX_KEPT,
): Firing<Evidence>[] {
  const judge = new Judge(window, correlation, losses, mostKept)
  for (const observation of due) {
    judge.close(observation.timeUs)
    judge.take(observation)
  }
  judge.close(upToUs)
  return judge.firings
}

class Judge<Evidence> {
  readonly firings: Firing<Evidence>[] = []
  readonly #window: GroupWindow<Evidence>
  readonly #correlation: CompiledCorrelation
  readonly #losses: JudgeLosses
  readonly #mostKept: number

  constructor(window: GroupWindow<Evidence>, correlation: CompiledCorrelation, losses: JudgeLosses, mostKept: number) {
    this.#window = window
    this.#correlation = correlation
    this.#losses = losses
    this.#mostKept = mostKept
  }

  take(observation: Observation<Evidence>): void {
    if (this.#correlation.verdictAt === 'close') this.#gather(observation)
    else this.#slide(observation)
  }

  /** Evaluates a window that ends before this time. */
  close(timeUs: number): void {
    const { openedAtUs, latest, kept, dropped } = this.#window
    const { timespan, thresholds, type } = this.#correlation
    if (openedAtUs === null || latest === null || openedAtUs + timespan.us >= timeUs) return
    const count = type === 'event_count' ? kept.length + dropped : measure(this.#correlation, kept)
    if (dropped > 0 && type !== 'event_count') this.#losses.onUnjudged()
    else if (count !== null && holds(thresholds, count)) {
      this.#fire(latest, { startUs: openedAtUs, atUs: openedAtUs + timespan.us, count, eventCount: kept.length + dropped })
    }
    Object.assign(this.#window, { kept: [], openedAtUs: null, dropped: 0, latest: null })
  }

  #gather(observation: Observation<Evidence>): void {
    const window = this.#window
    if (!keep(this.#correlation, window.kept, observation)) return
    window.openedAtUs ??= observation.timeUs
    window.latest = observation
    if (window.kept.length <= this.#mostKept) return
    window.kept.pop()
    window.dropped++
    this.#losses.onFull()
  }

  #slide(observation: Observation<Evidence>): void {
    const window = this.#window
    const { timespan, thresholds } = this.#correlation
    if (window.firedUntilUs !== null && observation.timeUs <= window.firedUntilUs) return
    expire(window.kept, observation.timeUs - timespan.us)
    if (!keep(this.#correlation, window.kept, observation)) return
    if (enforceBound(window.kept, this.#mostKept)) this.#losses.onFull()
    if (!this.#mayCross(observation)) return
    const count = measure(this.#correlation, window.kept)
    const first = window.kept[0]
    if (first === undefined || count === null || !holds(thresholds, count)) {
      this.#leaveLast(observation)
      return
    }
    this.#fire(observation, { startUs: first.timeUs, atUs: observation.timeUs, count, eventCount: window.kept.length })
    window.firedUntilUs = first.timeUs + timespan.us
    window.kept = []
  }

  /** An ordered chain of rules is at most as long as the position of its last rule. */
  #mayCross({ member }: Observation<Evidence>): boolean {
    const { type, thresholds } = this.#correlation
    return type !== 'temporal_ordered' || member + 1 >= leastCount(thresholds)
  }

  /** The last rule of an order ends chains and begins none: a match that completes no chain is useless. */
  #leaveLast({ member }: Observation<Evidence>): void {
    const { type, members } = this.#correlation
    if (type === 'temporal_ordered' && member === members.length - 1) this.#window.kept.pop()
  }

  #fire(completing: Observation<Evidence>, parts: Pick<Firing<Evidence>, 'startUs' | 'atUs' | 'count' | 'eventCount'>): void {
    const { timespan } = this.#correlation
    const { group } = completing
    const events = this.#window.kept
    this.firings.push({ correlation: this.#correlation, group, endUs: parts.startUs + timespan.us, events, completing, ...parts })
  }
}

/** Whether nothing of the group is needed any more. */
export function isOver<Evidence>(window: GroupWindow<Evidence>, { timespan }: CompiledCorrelation, upToUs: number): boolean {
  const last = window.kept.at(-1)
  const hasFiredUntil = window.firedUntilUs ?? -Infinity
  return window.openedAtUs === null && hasFiredUntil <= upToUs && (last === undefined || last.timeUs + timespan.us < upToUs)
}
