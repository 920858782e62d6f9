// The rule set in force, and the decision about each set that would replace it. A reload is all or nothing: a set with a new mistake, without
// rules, or with far fewer of them is refused, and the set before stays in force. Reads no files and knows no time.
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

/** Adds the metrics of each rule. They are read when the page is requested: an event costs nothing. A reload starts again at 0. */
export function addRuleMetrics(metrics: Metrics, statistics: () => Evaluator['statistics']): void {
  const add = (name: string, help: string, read: (figures: RuleFigures) => number): void =>
    metrics.sampled('counter', name, help, ['rule'], () =>
      (statistics()?.figures() ?? []).map((figures): Sample => [[figures.rule.name], read(figures)]),
    )
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

/** Names in one line of the log. */
const MAX_NAMED = 20

interface Refusal {
  readonly reason: 'mistakes' | 'empty' | 'fewer'
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Holds the set in force; replaces it or refuses to. */
export class RulesInForce {
  readonly #policy: ReloadPolicy
  readonly #log: Logger
  readonly #metrics: Metrics
  #loaded: LoadedRules

  constructor(loaded: LoadedRules, policy: ReloadPolicy, log: Logger, metrics: Metrics) {
    this.#loaded = loaded
    this.#policy = policy
    this.#log = log
    this.#metrics = metrics
    this.#publish(1)
    addRuleMetrics(metrics, () => this.evaluator.statistics)
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

  /** True when an active rule of the set in force would be gone: it may be the gap in which a file is replaced. */
  wouldLoseRules(next: LoadedRules): boolean {
    return this.#lostRules(next).length > 0
  }

  /** Puts the set in force, or refuses it and logs why. @returns true when it is in force */
  replaceWith(next: LoadedRules): boolean {
    const outcome = this.#metrics.counter('eunomia_rules_reloads_total', 'Times the rule files were loaded again', 'outcome')
    const refusal = this.#refusalOf(next)
    if (refusal === null) {
      this.#swap(next)
      outcome.with('loaded').add()
      return true
    }
    outcome.with('refused').add()
    this.#metrics
      .counter('eunomia_rules_reloads_refused_total', 'Reloads that were refused, by reason', 'reason')
      .with(refusal.reason)
      .add()
    this.#log.error({ ruleSet: this.ruleSet.hash, ...refusal.facts }, refusal.message)
    return false
  }

  #refusalOf(next: LoadedRules): Refusal | null {
    if (this.#bringsMistakes(next)) {
      const facts = { errors: textOf(next.errors) }
      return { reason: 'mistakes', facts, message: 'new rules do not load, the rules before stay in force' }
    }
    const [before, found] = [this.ruleSet.activeRules.length, next.ruleSet.activeRules.length]
    const lost = this.#lostRules(next)
    const facts = { before, found, lost: lost.slice(0, MAX_NAMED) }
    if (next.ruleSet.rules.length === 0 || (found === 0 && before > 0)) {
      const message =
        'the rule files hold no enabled rule, the rules before stay in force: restore the files, or stop the program to stop detection'
      return { reason: 'empty', facts, message }
    }
    if (this.#policy.allowFewer || found * 2 >= before) return null
    const message =
      'the rule files hold less than half of the enabled rules, the rules before stay in force: restore the files, or restart to accept the smaller set (--allow-fewer or rules.allowFewer accepts it without a restart)'
    return { reason: 'fewer', facts, message }
  }

  /** A mistake that was there when the set in force was loaded costs nothing more: what else changed may take effect. */
  #bringsMistakes({ errors, ruleSet }: LoadedRules): boolean {
    if (errors.length === 0) return false
    const known = new Set(this.#loaded.errors.map(identityOf))
    return this.#policy.strict || ruleSet.rules.length === 0 || errors.some((error) => !known.has(identityOf(error)))
  }

  /** Names of the active rules that the next set does not have or does not evaluate. */
  #lostRules(next: LoadedRules): string[] {
    const found = new Set(next.ruleSet.activeRules.map(({ language, id }) => `${language} ${id}`))
    return this.ruleSet.activeRules.filter(({ language, id }) => !found.has(`${language} ${id}`)).map(({ name }) => name)
  }

  #swap(next: LoadedRules): void {
    const before = this.ruleSet.hash
    const removed = this.#lostRules(next)
    this.#publish(0)
    this.#loaded = next
    this.#publish(1)
    const { hash, activeRules, waitingRules, quarantined } = this.ruleSet
    const facts = { before, ruleSet: hash, active: activeRules.length, notYet: waitingRules.length, quarantined: quarantined.length }
    const lost = removed.length === 0 ? {} : { removed: removed.length, names: removed.slice(0, MAX_NAMED) }
    this.#log.info({ ...facts, ...lost }, 'new rules are in force')
  }

  /** The hash in the metrics shows a worker that has an old set. */
  #publish(value: 0 | 1): void {
    const { hash, activeRules, quarantined } = this.ruleSet
    this.#metrics.gauge('eunomia_rule_set_info', '1 for the rule set in force', 'rule_set').with(hash).set(value)
    if (value === 0) return
    this.#metrics.gauge('eunomia_rules_active', 'Rules in force that events are evaluated by').with().set(activeRules.length)
    const kept = this.#metrics.gauge('eunomia_rules_quarantined', 'Rules and rule files left out of the set in force for their mistakes')
    kept.with().set(quarantined.length)
  }
}

const textOf = (errors: readonly LoadError[]): string => new RulesInvalidError(errors).message

/** The same mistake, also when lines above it came or went. */
function identityOf({ code, message, item, place }: LoadError): string {
  return JSON.stringify([code, message, item, place.file])
}
