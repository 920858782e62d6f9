// Compares what rules find in a range with the alerts of that time: new, gone and the same, by rule. An alert is the same when its rule and its event are,
// whatever the version of the rule; that of a correlation, when its rule, its group and the start of its window are.
import { eventIdOf } from '../../rule-engine/correlation/correlation-alert.js'
import type { Alert } from '../../../schemas/generated/types.js'
import type { AlertTest } from './alert-test.js'

/** What the backtest says of one rule. */
export interface RuleComparison {
  readonly rule: string
  /** It is a correlation: what came late to live detection is in order here. */
  readonly isCorrelation: boolean
  readonly fresh: number
  readonly gone: number
  readonly same: number
  /** Alerts that have no facts of their container, of those found here and of those of that time. */
  readonly absentHere: number
  readonly absentThen: number
  /** Alerts found here, for each host and day. */
  readonly perHostDay: number
  /** The host with most of them, and how many a day. */
  readonly noisiest: { readonly hostName: string; readonly perDay: number } | null
}

/** An alert that is new or gone. */
export interface ChangedAlert extends Pick<Alert, 'alertId' | 'rule' | 'output'> {
  readonly change: 'new' | 'gone'
  readonly hostName: string
  readonly time: string
}

/** The comparison. */
export interface BacktestReport {
  readonly rules: readonly RuleComparison[]
  /** The first ones of each kind. */
  readonly changes: readonly ChangedAlert[]
  /** Alerts of that time of rules that are not in the set. */
  readonly otherRules: number
  /** Alerts of that time that were not compared: they can't be read, are gone, or are above the bound. */
  readonly uncompared: number
}

/** What is compared. */
export interface BacktestOptions {
  /** Names of the rules and correlations of the set. */
  readonly rules: ReadonlySet<string>
  /** Which alerts the hunt wants. */
  readonly test: AlertTest
  /** Ids of hosts; null for all. */
  readonly hosts: ReadonlySet<string> | null
  /** Hosts with heartbeats in the range. */
  readonly hostCount: number
  readonly days: number
}

const MOST_ALERTS = 1_000_000
const MOST_CHANGES = 1_000

/** What is kept of an alert until it is compared. */
type Kept = Pick<ChangedAlert, 'alertId' | 'rule' | 'hostName' | 'time' | 'output'> & {
  readonly isAbsent: boolean
  readonly isCorrelation: boolean
}

export class Backtest {
  readonly #options: BacktestOptions
  /** By what makes them the same. */
  readonly #then = new Map<string, Kept & { readonly isInRange: boolean }>()
  readonly #counts = new Map<string, RuleCount>()
  readonly #fresh: ChangedAlert[] = []
  #otherRules = 0
  #uncompared = 0

  constructor(options: BacktestOptions) {
    this.#options = options
  }

  /** An alert of that time; all of them come before those that are found. @param isInRange false for one near the range, which can only be the same */
  addThen(alert: Alert, isInRange: boolean): void {
    const { rules, test, hosts } = this.#options
    if (hosts?.has(alert.origin.hostId) === false || !test(alert)) return
    if (!rules.has(alert.rule)) {
      if (isInRange) this.#otherRules++
      return
    }
    const key = identityOf(alert)
    // The same event was alerted on twice, by two versions of the rules.
    if (this.#then.get(key)?.isInRange === true) return
    if (this.#then.size < MOST_ALERTS) this.#then.set(key, { ...keptOf(alert), isInRange })
    else if (isInRange) this.#uncompared++
  }

  /** Alerts of that time that could not be read, or are gone. */
  miss(count: number): void {
    this.#uncompared += count
  }

  /** An alert that is found. */
  addFound(alert: Alert): void {
    const kept = keptOf(alert)
    const count = this.#countOf(kept)
    const key = identityOf(alert)
    const then = this.#then.get(key)
    count.found(kept)
    if (then === undefined) {
      count.fresh++
      if (this.#fresh.length < MOST_CHANGES) this.#fresh.push(changedOf(kept, 'new'))
      return
    }
    this.#then.delete(key)
    count.same++
    if (then.isAbsent) count.absentThen++
  }

  report(): BacktestReport {
    const gone = [...this.#then.values()].filter(({ isInRange }) => isInRange)
    for (const kept of gone) {
      const count = this.#countOf(kept)
      count.gone++
      if (kept.isAbsent) count.absentThen++
    }
    const { hostCount, days } = this.#options
    return {
      rules: [...this.#counts.values()].map((count) => count.comparison(hostCount, days)).sort((a, b) => (a.rule < b.rule ? -1 : 1)),
      changes: [...this.#fresh, ...gone.slice(0, MOST_CHANGES).map((kept) => changedOf(kept, 'gone'))],
      otherRules: this.#otherRules,
      uncompared: this.#uncompared,
    }
  }

  #countOf({ rule, isCorrelation }: Pick<Kept, 'rule' | 'isCorrelation'>): RuleCount {
    const count = this.#counts.get(rule) ?? new RuleCount(rule, isCorrelation)
    this.#counts.set(rule, count)
    return count
  }
}

class RuleCount {
  readonly #rule: string
  readonly #isCorrelation: boolean
  readonly #byHost = new Map<string, number>()
  #absentHere = 0
  fresh = 0
  gone = 0
  same = 0
  absentThen = 0

  constructor(rule: string, isCorrelation: boolean) {
    this.#rule = rule
    this.#isCorrelation = isCorrelation
  }

  found({ hostName, isAbsent }: Kept): void {
    this.#byHost.set(hostName, (this.#byHost.get(hostName) ?? 0) + 1)
    if (isAbsent) this.#absentHere++
  }

  comparison(hostCount: number, days: number): RuleComparison {
    const { fresh, gone, same, absentThen } = this
    const [noisiest] = [...this.#byHost].sort(([, a], [, b]) => b - a)
    return {
      ...{ rule: this.#rule, isCorrelation: this.#isCorrelation, fresh, gone, same, absentThen },
      absentHere: this.#absentHere,
      perHostDay: (fresh + same) / Math.max(hostCount, this.#byHost.size, 1) / days,
      noisiest: noisiest === undefined ? null : { hostName: noisiest[0], perDay: noisiest[1] / days },
    }
  }
}

function identityOf({ rule, eventTopic, origin, correlation }: Alert): string {
  const parts = correlation === null ? [rule, eventIdOf(eventTopic, origin)] : [rule, correlation.groupBy, correlation.windowStartUs]
  return JSON.stringify(parts)
}

function keptOf({ alertId, rule, output, origin, facts, correlation }: Alert): Kept {
  const time = new Date(origin.wallTimeUs / 1_000).toISOString()
  return { alertId, rule, output, hostName: origin.hostName, time, isAbsent: facts === 'absent', isCorrelation: correlation !== null }
}

function changedOf({ alertId, rule, hostName, time, output }: Kept, change: ChangedAlert['change']): ChangedAlert {
  return { change, alertId, rule, hostName, time, output }
}
