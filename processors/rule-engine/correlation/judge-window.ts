// Judges one group of a correlation: takes its observations in the order of their time and says when it fires. Pure but for the window that it
// is given to write on; the same observations give the same alerts for ever.
//
// crossing: a window slides with the events. When the condition holds it fires at once, and what lies within one timespan of the first event that
// counted belongs to that window: the group fires again only with events behind it.
// close: a window opens with the first event and is one timespan long; it is judged when it is over, and the next opens with the next event.
import { measure, MAX_KEPT, enforceBound, expire, keep } from './group-window.js'
import type { GroupWindow, Kept, Observation } from './group-window.js'
import { holds, leastCount } from '../rule-set/compiled-correlation.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'

/** A correlation that fired for a group. */
export interface Firing<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly group: readonly (string | null)[]
  /** The window: from its first event on, one timespan. Microseconds, wall time. */
  readonly startUs: number
  readonly endUs: number
  /** When it was known: the time of the event that crossed, or the end of the window. */
  readonly atUs: number
  /** What was compared with the condition. */
  readonly count: number
  /** The events that count, in order of time. */
  readonly events: readonly Kept[]
  readonly eventCount: number
  /** The observation that crossed, or the last one of the window. */
  readonly completing: Observation<Evidence>
}

/** What happened at bounds while judging. */
export interface JudgeLosses {
  /** An observation left, or did not get into, a window that has reached its bound. */
  onFull(): void
  /** A window was not judged: more was in it than is kept, and the rest matters. */
  onUnjudged(): void
}

/** @param due in order of time; @param upToUs nothing earlier will come: windows that are over by then are judged. Infinity ends all. */
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

  /** Judges a window that is over before this time. */
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

  /** A chain of rules in order is no longer than the place of the rule that ends it. */
  #mayCross({ member }: Observation<Evidence>): boolean {
    const { type, thresholds } = this.#correlation
    return type !== 'temporal_ordered' || member + 1 >= leastCount(thresholds)
  }

  /** The last rule of an order ends chains and begins none: what did not complete one is of no more use. */
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

/** Nothing of the group is needed any more: it may be forgotten. */
export function isOver<Evidence>(window: GroupWindow<Evidence>, { timespan }: CompiledCorrelation, upToUs: number): boolean {
  const last = window.kept.at(-1)
  const hasFiredUntil = window.firedUntilUs ?? -Infinity
  return window.openedAtUs === null && hasFiredUntil <= upToUs && (last === undefined || last.timeUs + timespan.us < upToUs)
}
