// Correlates the matches of one process: takes observations in batches and evaluates them in time order once nothing earlier is expected. So the same
// events lead to the same alerts in any order of arrival. Events that come later than that are counted and logged.
import type { Logger } from '../../../infra/process/logger.js'
import type { Metrics } from '../../../infra/process/metrics.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import type { Alert } from '../../../schemas/generated/types.js'
import type { Clock } from '../../../infra/waiting/clock.js'
import { correlationAlert, observationsAbove } from './correlation-alert.js'
import { evaluateWindow, type Firing, type WindowLosses } from './evaluate-window.js'
import { compareObservations, type Observation } from './group-window.js'
import type { WindowStore } from './window-store.js'
import { Frontier, MAX_AHEAD_US, type FrontierOptions } from './frontier.js'
/** Options of a Correlator. */
export interface CorrelatorOptions extends Partial<FrontierOptions> {
  /** Most waiting observations; above it they are evaluated at once, and earlier events are too late. Default 10,000. */
  readonly maxWaiting?: number
}

/** Dependencies of a Correlator. */
export interface CorrelatorDependencies {
  readonly store: WindowStore<Alert>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Logger
}

/** Default lateness: the topics of one host are read in parallel, in batches of at most one second. */
const DEFAULT_FRONTIER: FrontierOptions = { latenessMs: 2000, quietMs: 2000 }
/** Interval between log lines about late events, milliseconds. */
const LOG_EVERY_US = 60_000_000
/** Time after the deadline of a waiting event, for the pass that evaluates it. */
const HOLD_LONGER_US = 5_000_000

/** The correlations of one process. */
export class Correlator {
  readonly #deps: CorrelatorDependencies
  readonly #frontier: Frontier
  readonly #maxWaiting: number
  readonly #losses: WindowLosses
  readonly #count
  /** Alerts that were not taken yet. */
  #spoken: Firing<Alert>[] = []
  /** Observations before this time are evaluated. */
  #evaluatedUs = -Infinity
  #newestUs = -Infinity
  #maxDepth = 0
  #late = 0
  #loggedAtUs = -Infinity
  /** Only one evaluation runs at a time. */
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: CorrelatorDependencies, options: CorrelatorOptions = {}) {
    this.#deps = deps
    this.#frontier = new Frontier({ ...DEFAULT_FRONTIER, ...options })
    this.#maxWaiting = options.maxWaiting ?? 10_000
    this.#count = countersOf(deps.metrics)
    this.#losses = { onFull: () => this.#count.full.add(), onUnevaluated: () => this.#count.unevaluated.add() }
    deps.metrics.sampledGauge('eunomia_correlation_waiting', 'Matches that wait for earlier events', () => deps.store.waiting)
  }

  /** Notes the arrival of an event of a topic, with this wall time. */
  reached(topic: TopicKey, timeUs: number): void {
    this.#frontier.reached(topic, timeUs, this.#deps.clock.nowUs())
  }

  /** Notes an event that may match and waits for facts until its deadline. */
  hold(id: string, timeUs: number, deadlineUs: number): void {
    if (!this.#frontier.hold(id, timeUs, deadlineUs + HOLD_LONGER_US)) this.#count.unheld.add()
  }

  /** Notes that a waiting event is evaluated. Its observations are added before this call. */
  release(id: string): void {
    this.#frontier.release(id)
  }

  /** Adds the observations of a batch. */
  async add(observations: readonly Observation<Alert>[]): Promise<void> {
    const inTime = observations.filter(({ timeUs }) => timeUs >= this.#evaluatedUs)
    this.#logLate(observations.length - inTime.length)
    if (inTime.length === 0) return
    for (const { timeUs } of inTime) this.#newestUs = Math.max(this.#newestUs, timeUs)
    await this.#deps.store.add(inTime)
    this.#count.observed.add(inTime.length)
    if (this.#deps.store.waiting <= this.#maxWaiting) return
    this.#count.hurried.add()
    await this.#evaluateInTurn(() => this.#newestUs)
  }

  /** Evaluates everything that no earlier event can change. */
  async advance(): Promise<void> {
    if (this.#deps.clock.nowUs() + MAX_AHEAD_US < this.#evaluatedUs) await this.#restartWindows()
    await this.#evaluateInTurn(() => this.#frontier.beforeUs(this.#deps.clock.nowUs()))
  }

  /** Evaluates all observations. Windows that are not over stay open, since their result is unknown. */
  async finish(): Promise<void> {
    await this.#evaluateInTurn(() => this.#newestUs + 1)
  }

  /** The alerts since the last call, in order of time. */
  takeAlerts(): Alert[] {
    const spoken = this.#spoken.sort((a, b) => a.atUs - b.atUs || compareObservations(a.completing, b.completing))
    this.#spoken = []
    return spoken.map((firing) => correlationAlert(firing))
  }

  /** The clock was set back by more than events can be ahead. Without a restart, all events would be late until it catches up. */
  async #restartWindows(): Promise<void> {
    const turn = this.#turn.then(async () => {
      await this.#deps.store.clear()
      this.#frontier.reset()
      this.#evaluatedUs = -Infinity
      this.#newestUs = -Infinity
    })
    this.#turn = turn.catch(() => undefined)
    await turn
    this.#count.clockSteps.add()
    this.#deps.log.warn({}, 'the clock was set back: windows of correlations restart')
  }

  async #evaluateInTurn(beforeUs: () => number | null): Promise<void> {
    const turn = this.#turn.then(async () => {
      const time = beforeUs()
      if (time !== null && time > this.#evaluatedUs) await this.#evaluate(time)
    })
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async #evaluate(beforeUs: number): Promise<void> {
    const { store } = this.#deps
    const previousUs = this.#evaluatedUs
    // From here on, earlier events are late, also while the store works.
    this.#evaluatedUs = beforeUs
    try {
      for (let depth = 0; depth <= this.#maxDepth || depth === 0; depth++) {
        const due = await store.due(depth, beforeUs)
        if (due.length === 0) continue
        const firings = due.flatMap(({ window, correlation, observations }) =>
          evaluateWindow(window, correlation, observations, beforeUs, this.#losses),
        )
        await store.settle(due, beforeUs)
        await this.#fired(firings)
      }
      await store.forgetOver(beforeUs)
    } catch (error) {
      this.#evaluatedUs = previousUs
      throw error
    }
  }

  async #fired(firings: readonly Firing<Alert>[]): Promise<void> {
    for (const firing of firings) {
      const { correlation } = firing
      this.#count.fired.with(correlation.name).add()
      if (!correlation.isSilent) this.#spoken.push(firing)
    }
    const above = firings.flatMap((firing) => observationsAbove(firing))
    for (const { correlation } of above) this.#maxDepth = Math.max(this.#maxDepth, correlation.depth)
    if (above.length > 0) await this.#deps.store.add(above)
  }

  #logLate(late: number): void {
    if (late === 0) return
    this.#count.late.add(late)
    this.#late += late
    const nowUs = this.#deps.clock.nowUs()
    if (nowUs - this.#loggedAtUs < LOG_EVERY_US) return
    this.#loggedAtUs = nowUs
    this.#deps.log.warn({ late: this.#late }, 'events came too late to be correlated')
    this.#late = 0
  }
}

function countersOf(metrics: Metrics) {
  const lost = metrics.counter('eunomia_correlation_lost_total', 'Matches that correlations do not count, by reason', 'reason')
  return {
    observed: metrics.counter('eunomia_correlation_observations_total', 'Matches that feed correlations').with(),
    fired: metrics.counter('eunomia_correlation_fired_total', 'Correlations that fired, by rule', 'rule'),
    hurried: metrics.counter('eunomia_correlation_hurried_total', 'Times matches were evaluated early because too many waited').with(),
    unevaluated: metrics
      .counter('eunomia_correlation_unjudged_windows_total', 'Windows not evaluated because they had more events than the bound')
      .with(),
    clockSteps: metrics
      .counter('eunomia_correlation_clock_steps_total', 'Times all windows restarted because the clock was set back')
      .with(),
    late: lost.with('late'),
    full: lost.with('window full'),
    unheld: metrics.counter('eunomia_correlation_unheld_total', 'Waiting events that did not hold the time, at the bound').with(),
  }
}
