// The rule set in force, and the decision about each set that would replace it. A reload is all or nothing: a set with a new mistake, without
// rules, or that lacks most of them is refused, and the set before stays in force. Reads no files.
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { Metrics, Sample } from '../../../infra/process/metrics.js'
import { RulesInvalidError, type LoadError } from '../read/diagnostics.js'
import type { Evaluator } from '../evaluate/evaluator.js'
import type { RuleFigures } from '../evaluate/rule-statistics.js'
import type { RuleSet } from '../rule-set/rule-set.js'

/** Returns the rule set in force. Detect asks once for each batch: a set changes between batches, never within one. */
export interface RulesProvider {
  /** The evaluator of the whole set; another object after a reload. */
  current(): Evaluator
}

/** A rule set that never changes. */
export function fixedRules(evaluator: Evaluator): RulesProvider {
  return { current: () => evaluator }
}

/** Names of the metrics of each rule, with the label `rule`; `rules top` reads them. */
export const RULE_METRICS = {
  evaluated: 'eunomia_rule_evaluated_total',
  matched: 'eunomia_rule_matched_total',
  seconds: 'eunomia_rule_seconds_total',
} as const

/** Events judged by the rule set in force; `rules top` divides by it. */
export const EVENTS_METRIC = 'eunomia_rules_events_total'

/** Adds the metrics of each rule. They are read when the page is requested: an event costs nothing. A reload starts again at 0. */
export function addRuleMetrics(metrics: Metrics, statistics: () => Evaluator['statistics']): void {
  const add = (name: string, help: string, read: (figures: RuleFigures) => number): void =>
    metrics.sampled('counter', name, help, ['rule'], () =>
      (statistics()?.figures() ?? []).map((figures): Sample => [[figures.rule.name], read(figures)]),
    )
  metrics.sampled('counter', EVENTS_METRIC, 'Events judged by the rule set in force', [], () => {
    const figures = statistics()
    return figures === undefined ? [] : [[[], figures.events]]
  })
  add(RULE_METRICS.evaluated, 'Times the condition of a rule was evaluated', ({ evaluated }) => evaluated)
  add(RULE_METRICS.matched, 'Times a rule matched', ({ matched }) => matched)
  add(RULE_METRICS.seconds, 'Time spent on a rule, estimated from one evaluation of 64', ({ seconds }) => seconds)
}

/** A set that was loaded from files. */
export interface LoadedRules {
  readonly ruleSet: RuleSet
  readonly evaluator: Evaluator
  /** Mistakes for which something was left out of the set. */
  readonly errors: readonly LoadError[]
}

/** What a reload may not do. */
export interface ReloadPolicy {
  /** Any mistake refuses the whole set, also at the start. */
  readonly strict: boolean
  /** A reload may drop more than half of the enabled rules, but never all. */
  readonly allowFewer: boolean
}

/** A set that was in force within this time counts when rules are lost: a folder can empty in several steps. */
const MEMORY_MS = 3_600_000
/** Most earlier sets that are remembered. */
const MAX_EARLIER = 8
/** A refusal that lasts is logged this often. */
const REMIND_MS = 600_000

/** Names in one line of the log. */
const MAX_NAMED = 20

interface Refusal {
  readonly reason: 'mistakes' | 'empty' | 'fewer' | 'failure'
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Names of the rules and correlations that can fire, by identity. */
type Names = ReadonlyMap<string, string>

function activeOf({ activeRules, activeCorrelations }: RuleSet): Names {
  return new Map([
    ...activeRules.map(({ language, id, name }) => [`${language} ${id}`, name] as const),
    ...activeCorrelations.map(({ language, id, name }) => [`${language} correlation ${id}`, name] as const),
  ])
}

const lostOf = (before: Names, next: Names): string[] => [...before].filter(([id]) => !next.has(id)).map(([, name]) => name)

/** Holds the set in force; replaces it or refuses to. */
export class RulesInForce {
  readonly #policy: ReloadPolicy
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #nowMs: () => number
  #loaded: LoadedRules
  /** What was in force before, and until when: from large to small. */
  readonly #earlier: { readonly names: Names; untilMs: number }[] = []
  /** The refusal of the files on disk, and when it was logged last. */
  #refused: { readonly refusal: Refusal; loggedMs: number } | null = null

  /** @param nowMs a clock that is never set back */
  constructor(loaded: LoadedRules, policy: ReloadPolicy, log: Logger, metrics: Metrics, nowMs = (): number => performance.now()) {
    this.#loaded = loaded
    this.#nowMs = nowMs
    this.#policy = policy
    this.#log = log
    this.#metrics = metrics
    this.#publish(1)
    addRuleMetrics(metrics, () => this.evaluator.statistics)
    metrics.sampledGauge('eunomia_rules_reload_refused', '1 while the rule files on disk are refused', () =>
      this.#refused === null ? 0 : 1,
    )
    const { ruleSet, errors } = loaded
    if (errors.length === 0) return
    const facts = { ruleSet: ruleSet.hash, active: ruleSet.activeRules.length, quarantined: ruleSet.quarantined.length }
    log.error({ ...facts, errors: textOf(errors) }, 'rules with mistakes are quarantined, the others are in force')
  }

  get ruleSet(): RuleSet {
    return this.#loaded.ruleSet
  }

  get evaluator(): Evaluator {
    return this.#loaded.evaluator
  }

  /** True when the set would take effect but for a rule or correlation that would be gone: it may be the gap in which a file is replaced. */
  wouldOnlyLoseRules(next: LoadedRules): boolean {
    return !this.#bringsMistakes(next) && this.#lost(next.ruleSet).length > 0
  }

  /** Puts the set in force, or refuses it and logs why. @returns true when it is in force */
  replaceWith(next: LoadedRules): boolean {
    const refusal = this.#refusalOf(next)
    if (refusal === null) {
      this.#swap(next)
      this.#countReload('loaded')
      return true
    }
    this.#refuse(refusal)
    return false
  }

  /** Refuses files that could not be loaded at all: the set in force stays. */
  refuseFailed(error: unknown): void {
    const message = 'loading the new rules failed, the rules before stay in force'
    this.#refuse({ reason: 'failure', facts: { error: messageOf(error) }, message })
  }

  /** Logs a refusal again from time to time while it lasts. */
  remind(): void {
    if (this.#refused === null || this.#nowMs() - this.#refused.loggedMs < REMIND_MS) return
    this.#logRefusal(this.#refused.refusal)
  }

  #refuse(refusal: Refusal): void {
    this.#countReload('refused')
    this.#metrics
      .counter('eunomia_rules_reloads_refused_total', 'Reloads that were refused, by reason', 'reason')
      .with(refusal.reason)
      .add()
    this.#logRefusal(refusal)
  }

  #logRefusal(refusal: Refusal): void {
    this.#refused = { refusal, loggedMs: this.#nowMs() }
    this.#log.error({ ruleSet: this.ruleSet.hash, ...refusal.facts }, refusal.message)
  }

  #countReload(outcome: 'loaded' | 'refused'): void {
    this.#metrics.counter('eunomia_rules_reloads_total', 'Times the rule files were loaded again', 'outcome').with(outcome).add()
  }

  #refusalOf(next: LoadedRules): Refusal | null {
    if (this.#bringsMistakes(next)) {
      const facts = { errors: textOf(next.errors) }
      return { reason: 'mistakes', facts, message: 'new rules do not load, the rules before stay in force' }
    }
    const before = this.#largestOfLate()
    const found = activeOf(next.ruleSet)
    const lost = lostOf(before, found)
    const facts = { before: before.size, found: found.size, lost: lost.length, names: lost.slice(0, MAX_NAMED) }
    const isEmptied = next.ruleSet.activeRules.length === 0 && this.ruleSet.activeRules.length > 0
    if (next.ruleSet.rules.length === 0 || isEmptied) {
      const message =
        'the rule files hold no enabled rule, the rules before stay in force: restore the files, or stop the program to stop detection'
      return { reason: 'empty', facts, message }
    }
    if (this.#policy.allowFewer || lost.length * 2 <= before.size) return null
    const message =
      'the rule files lack more than half of the enabled rules, the rules before stay in force: restore the files, or restart to accept the smaller set (--allow-fewer or rules.allowFewer accepts it without a restart)'
    return { reason: 'fewer', facts, message }
  }

  /** A mistake that was there when the set in force was loaded costs nothing more: what else changed may take effect. */
  #bringsMistakes({ errors, ruleSet }: LoadedRules): boolean {
    if (errors.length === 0) return false
    const known = new Set(this.#loaded.errors.map(identityOf))
    return this.#policy.strict || ruleSet.rules.length === 0 || errors.some((error) => !known.has(identityOf(error)))
  }

  /** Names of the active rules and correlations that the next set does not have or does not evaluate. */
  #lost(next: RuleSet): string[] {
    return lostOf(activeOf(this.ruleSet), activeOf(next))
  }

  /** The largest set of those in force within the last hour. */
  #largestOfLate(): Names {
    const now = activeOf(this.ruleSet)
    const late = this.#earlier.find(({ untilMs }) => this.#nowMs() - untilMs < MEMORY_MS)
    return late !== undefined && late.names.size > now.size ? late.names : now
  }

  /** Remembers the set in force, which ends now. A smaller set that ended earlier says nothing more. */
  #remember(): void {
    const names = activeOf(this.ruleSet)
    const untilMs = this.#nowMs()
    while ((this.#earlier.at(-1)?.names.size ?? Infinity) <= names.size) this.#earlier.pop()
    while (this.#earlier[0] !== undefined && untilMs - this.#earlier[0].untilMs >= MEMORY_MS) this.#earlier.shift()
    const last = this.#earlier.at(-1)
    // Beyond the bound, a larger set counts for longer instead.
    if (last !== undefined && this.#earlier.length >= MAX_EARLIER) last.untilMs = untilMs
    else this.#earlier.push({ names, untilMs })
  }

  #swap(next: LoadedRules): void {
    const before = this.ruleSet.hash
    const removed = this.#lost(next.ruleSet)
    this.#remember()
    this.#refused = null
    this.#publish(0)
    this.#loaded = next
    this.#publish(1)
    const { hash, activeRules, waitingRules, quarantined } = this.ruleSet
    const facts = { before, ruleSet: hash, active: activeRules.length, notYet: waitingRules.length, quarantined: quarantined.length }
    if (removed.length === 0) return this.#log.info(facts, 'new rules are in force')
    const lost = { removed: removed.length, names: removed.slice(0, MAX_NAMED) }
    this.#log.warn({ ...facts, ...lost }, 'new rules are in force, and some of the rules before are gone')
  }

  /** The hash in the metrics shows a worker that has an old set. */
  #publish(value: 0 | 1): void {
    const { hash, activeRules, quarantined } = this.ruleSet
    this.#metrics.gauge('eunomia_rule_set_info', '1 for the rule set in force', 'rule_set').with(hash).set(value)
    if (value === 0) return
    this.#metrics.gauge('eunomia_rules_active', 'Rules in force that events are evaluated by').with().set(activeRules.length)
    const gauge = this.#metrics.gauge('eunomia_rules_quarantined', 'Rules and rule files left out of the set in force for their mistakes')
    gauge.with().set(quarantined.length)
  }
}

const textOf = (errors: readonly LoadError[]): string => new RulesInvalidError(errors).message

/** The same mistake, also when lines above it came or went. */
function identityOf({ code, message, item, place }: LoadError): string {
  return JSON.stringify([code, message, item, place.file])
}
