// The rules of files and folders, loaded again when they change. At the start what has a mistake is kept out and told, and the rest is in
// force. A reload is all or nothing: one that brings a mistake is reported once, and the set before stays. Detect sees a new set with its
// next batch.
import { createHash } from 'node:crypto'
import type { Part } from '../../../infra/process/lifecycle.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { Metrics } from '../../../infra/process/metrics.js'
import { FileWatch } from '../../../infra/waiting/file-watch.js'
import { RulesInvalidError, type LoadError } from '../read/diagnostics.js'
import { createIndexedEvaluator } from '../evaluate/indexed/indexed-evaluator.js'
import type { RuleMatching } from '../evaluate/plain-evaluator.js'
import type { Evaluator } from '../evaluate/evaluator.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { loadRules } from './load-rules.js'
import { readRuleFiles, type RuleFiles } from './rule-files.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { addRuleMetrics } from './rule-metrics.js'
import type { RulesProvider } from './rules-provider.js'

/** Which rules, and how. */
export interface WatchedRulesConfig extends Omit<LoadOptions, 'pipelines'> {
  /** Files and folders, in load order. */
  readonly paths: readonly string[]
  /** Field mappings for Sigma rules, applied in this order; default none. */
  readonly pipelinePaths?: readonly string[]
  readonly matching: RuleMatching
  /** Load again when files change. */
  readonly reload: boolean
  /** Any mistake refuses the whole set, also at the start; default false. */
  readonly strict?: boolean
  /** Quiet time after a change before files are read, milliseconds; default 200: an editor or a deployment writes in several steps. */
  readonly quietMs?: number
  /** Files are looked at so often even when no change was told, milliseconds; default 60,000: not every file system tells. */
  readonly lookEveryMs?: number
}

/** Rules that follow their files. */
export interface WatchedRules extends RulesProvider, Part {
  /** The set in force. */
  readonly ruleSet: RuleSet
  /** Calls back behind each new set that is in force. One listener. */
  onChange(listener: (ruleSet: RuleSet) => void): void
}

/** @throws RulesInvalidError with every mistake, when the set is not to be used at the start: strict, a path that is not there, or no rule left */
export function startWatchedRules(config: WatchedRulesConfig, log: Logger, metrics: Metrics): WatchedRules {
  const rules = new RulesInForce(config, log, metrics)
  const watch = config.reload ? new FileWatch({ ...config, paths: allPaths(config) }, () => rules.follow()) : null
  const done = watch?.done ?? new Promise<void>(() => undefined)
  let stopped: Promise<void> | undefined
  return {
    done,
    current: () => rules.evaluator,
    get ruleSet() {
      return rules.ruleSet
    },
    onChange: (listener) => (rules.onChange = listener),
    stop: () => (stopped ??= watch?.stop() ?? Promise.resolve()),
  }
}

interface Loaded {
  readonly ruleSet: RuleSet
  readonly evaluator: Evaluator
  /** Mistakes for which something was kept out of the set. */
  readonly errors: readonly LoadError[]
}

/** The set in force, and what became of the files since. */
class RulesInForce {
  readonly #config: WatchedRulesConfig
  readonly #log: Logger
  readonly #metrics: Metrics
  onChange: (ruleSet: RuleSet) => void = () => undefined
  #loaded: Loaded
  /** Of the files that were looked at last, also of those that did not load: a mistake is told once. */
  #filesHash: string

  constructor(config: WatchedRulesConfig, log: Logger, metrics: Metrics) {
    this.#config = config
    this.#log = log
    this.#metrics = metrics
    const read = readAll(config)
    this.#filesHash = hashOf(read)
    this.#loaded = this.#load(read)
    this.#refuseUnusable()
    this.#tell(1)
    addRuleMetrics(metrics, () => this.evaluator.statistics)
    const { ruleSet, errors } = this.#loaded
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

  /** Loads the rules again when their files are others than before. */
  follow(): void {
    const outcome = this.#metrics.counter('eunomia_rules_reloads_total', 'Times the rule files were loaded again', 'outcome')
    const read = readAll(this.#config)
    const hash = hashOf(read)
    if (hash === this.#filesHash) return
    this.#filesHash = hash
    const next = this.#load(read)
    if (!this.#bringsMistakes(next)) {
      this.#swap(next)
      return outcome.with('loaded').add()
    }
    outcome.with('refused').add()
    const facts = { ruleSet: this.ruleSet.hash, errors: textOf(next.errors) }
    this.#log.error(facts, 'new rules do not load, the rules before stay in force')
  }

  /** A mistake that was there when the set in force was loaded costs nothing more: what else changed may come in. */
  #bringsMistakes({ errors, ruleSet }: Loaded): boolean {
    if (errors.length === 0) return false
    const known = new Set(this.#loaded.errors.map(identityOf))
    return this.#config.strict === true || ruleSet.rules.length === 0 || errors.some((error) => !known.has(identityOf(error)))
  }

  /** Nobody is served by a start that watches nothing, or not what was asked for by name. */
  #refuseUnusable(): void {
    const { errors, ruleSet } = this.#loaded
    const isPathAway = errors.some(({ code, place }) => code === 'LOAD_ERR_FILE_READ' && allPaths(this.#config).includes(place.file))
    const isEmpty = errors.length > 0 && ruleSet.rules.length === 0
    if (isEmpty || isPathAway || (this.#config.strict === true && errors.length > 0)) throw new RulesInvalidError(errors)
  }

  #swap(next: Loaded): void {
    const before = this.ruleSet.hash
    this.#tell(0)
    this.#loaded = next
    this.#tell(1)
    const { hash, activeRules, waitingRules, quarantined } = this.ruleSet
    const facts = { before, ruleSet: hash, active: activeRules.length, notYet: waitingRules.length, quarantined: quarantined.length }
    this.#log.info(facts, 'new rules are in force')
    this.onChange(this.ruleSet)
  }

  #load({ rules, pipelines }: AllFiles): Loaded {
    const options = { ...this.#config, pipelines: pipelines.files }
    const { ruleSet, errors, idleSwitches } = loadRules(rules.files, options, [...rules.errors, ...pipelines.errors])
    if (idleSwitches.length > 0)
      this.#log.warn({ switches: idleSwitches.join('; ') }, 'switches fit none of the rules: misspelt, or not loaded')
    return { ruleSet, errors, evaluator: createIndexedEvaluator(ruleSet, { matching: this.#config.matching }) }
  }

  /** A worker with an old set shows in the metrics by its hash. */
  #tell(value: 0 | 1): void {
    const { hash, activeRules, quarantined } = this.ruleSet
    this.#metrics.gauge('eunomia_rule_set_info', '1 for the rule set in force', 'rule_set').with(hash).set(value)
    if (value === 0) return
    this.#metrics.gauge('eunomia_rules_active', 'Rules in force that events are judged by').with().set(activeRules.length)
    const kept = this.#metrics.gauge('eunomia_rules_quarantined', 'Rules and rule files kept out of the set in force for their mistakes')
    kept.with().set(quarantined.length)
  }
}

const textOf = (errors: readonly LoadError[]): string => new RulesInvalidError(errors).message

/** The same mistake, also when lines above it came or went. */
function identityOf({ code, message, item, place }: LoadError): string {
  return JSON.stringify([code, message, item, place.file])
}

/** Files of rules, and of what changes them. */
interface AllFiles {
  readonly rules: RuleFiles
  readonly pipelines: RuleFiles
}

function readAll({ paths, pipelinePaths = [] }: WatchedRulesConfig): AllFiles {
  return { rules: readRuleFiles(paths), pipelines: readRuleFiles(pipelinePaths) }
}

const allPaths = ({ paths, pipelinePaths = [] }: WatchedRulesConfig): readonly string[] => [...paths, ...pipelinePaths]

/** Changes with every byte of the files, and with what can't be read. */
function hashOf({ rules, pipelines }: AllFiles): string {
  const files = [...rules.files, ...pipelines.files]
  const errors = [...rules.errors, ...pipelines.errors]
  const hash = createHash('sha256')
  for (const { name, text } of files) hash.update(JSON.stringify([name, text]))
  for (const { message, place } of errors) hash.update(JSON.stringify([message, place.file, null]))
  return hash.digest('hex')
}
