// The rules of files and folders, loaded again when they change. A changed set takes effect only when a second read finds the same files, and
// one that lacks rules only after a longer time: editors, rsync and deployments write in several steps. rules-in-force.ts decides about it.
import { createHash } from 'node:crypto'
import type { Part } from '../../../infra/process/lifecycle.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { Metrics } from '../../../infra/process/metrics.js'
import { FileWatch } from '../../../infra/waiting/file-watch.js'
import { RulesInvalidError, type LoadError } from '../read/diagnostics.js'
import { createCompiledEvaluator } from '../compiled/compiled-evaluator.js'
import type { RuleMatching } from '../evaluate/plain-evaluator.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { loadRules } from './load-rules.js'
import { readRuleFiles, withoutHostile, type RuleFiles } from './rule-files.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { needTrial, type TrialBounds } from './trial-load.js'
import { RulesInForce, type LoadedRules, type RulesProvider } from './rules-in-force.js'

/** Which rules, and how they are followed. */
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
  /** A reload may drop more than half of the enabled rules, but never all; default false. */
  readonly allowFewer?: boolean
  /** Quiet time after a change before files are read, and between the two reads that must find the same, milliseconds; default 200. */
  readonly quietMs?: number
  /** How long files must stay the same before a set that lacks rules of the one in force takes effect, milliseconds; default 5,000. */
  readonly lossMs?: number
  /** Files are read so often even without a change event, milliseconds; default 60,000: not every file system reports changes. */
  readonly intervalMs?: number
  /** Of the trial load of files that need one; null for no trial: all files are harmless. */
  readonly trialBounds?: TrialBounds | null
}

/** Rules that follow their files. */
export interface WatchedRules extends RulesProvider, Part {
  /** The set in force. */
  readonly ruleSet: RuleSet
  /** Calls back after each new set that is in force. One listener. */
  onChange(listener: (ruleSet: RuleSet) => void): void
}

/** @throws RulesInvalidError with every mistake, when the set can't be used at the start: strict, a path that does not exist, or no rule left */
export async function startWatchedRules(config: WatchedRulesConfig, log: Logger, metrics: Metrics): Promise<WatchedRules> {
  const read = readAll(config)
  const isSafe = config.trialBounds === null || !needTrial([...read.rules.files, ...read.pipelines.files])
  const follower = new RuleFollower(config, log, metrics, read, isSafe ? read : await tried(read, config))
  const { inForce } = follower
  const watch = config.reload ? new FileWatch({ ...config, paths: allPaths(config) }, () => follower.follow()) : null
  const done = Promise.race([follower.failed, ...(watch === null ? [] : [watch.done])])
  done.catch(() => undefined)
  let stopped: Promise<void> | undefined
  return {
    done,
    current: () => inForce.evaluator,
    get ruleSet() {
      return inForce.ruleSet
    },
    onChange: (listener) => (follower.onChange = listener),
    stop: () => {
      follower.stop()
      return (stopped ??= watch?.stop() ?? Promise.resolve())
    },
  }
}

/** Files that could not be loaded at all, not even as mistakes of rules. */
interface FailedLoad {
  readonly failure: unknown
}

/** A set that is not in force yet: its files must stay as they are for a while. */
interface Candidate {
  readonly hash: string
  /** Null until the trial load of its files has ended. */
  loaded: LoadedRules | FailedLoad | null
  dueMs: number
}

/** Compares the files with what was loaded last. */
class RuleFollower {
  readonly inForce: RulesInForce
  /** Rejects when a read after the quiet time fails; never resolves. */
  readonly failed: Promise<void>
  readonly #config: WatchedRulesConfig
  readonly #log: Logger
  readonly #fail: (error: unknown) => void
  onChange: (ruleSet: RuleSet) => void = () => undefined
  /** Of the files that were decided on last, in force or refused. */
  #decidedHash: string
  #candidate: Candidate | null = null
  #isTrying = false
  #isStopped = false
  #again: NodeJS.Timeout | undefined

  /** @param read the files as they are on disk @param usable those of them that do not hold up the load */
  constructor(config: WatchedRulesConfig, log: Logger, metrics: Metrics, read: AllFiles, usable: AllFiles) {
    this.#config = config
    this.#log = log
    let fail: (error: unknown) => void = () => undefined
    this.failed = new Promise((_, reject) => (fail = reject))
    this.#fail = fail
    this.#decidedHash = hashOf(read)
    const loaded = this.#load(usable)
    refuseUnusable(loaded, config)
    for (const path of read.rules.emptyFolders) log.warn({ folder: path }, 'a rule folder holds no rule file (.yaml or .yml)')
    const { strict = false, allowFewer = false } = config
    this.inForce = new RulesInForce(loaded, { strict, allowFewer }, log, metrics)
  }

  /** Reads the files. What changed takes effect once it has stayed the same for long enough. */
  follow(): void {
    clearTimeout(this.#again)
    const read = readAll(this.#config)
    const hash = hashOf(read)
    if (hash === this.#decidedHash) {
      this.#candidate = null
      return this.inForce.remind()
    }
    if (this.#isTrying) return
    if (this.#candidate?.hash !== hash) {
      this.#candidate = { hash, loaded: null, dueMs: 0 }
      void this.#try(this.#candidate, read)
      return
    }
    const { loaded, dueMs } = this.#candidate
    const restMs = dueMs - performance.now()
    if (loaded === null || restMs > 0) return this.#followAgain(restMs)
    this.#decidedHash = hash
    this.#candidate = null
    if ('failure' in loaded) return this.inForce.refuseFailed(loaded.failure)
    if (this.inForce.replaceWith(loaded)) this.onChange(this.inForce.ruleSet)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#again)
  }

  /** Files that change meanwhile are found after it: one trial at a time. */
  async #try(candidate: Candidate, read: AllFiles): Promise<void> {
    this.#isTrying = true
    const { quietMs = 200, lossMs = 5_000 } = this.#config
    const loaded = await tried(read, this.#config)
      .then((usable) => this.#load(usable))
      .catch((failure: unknown): FailedLoad => ({ failure }))
    this.#isTrying = false
    if (this.#isStopped) return
    candidate.loaded = loaded
    const isLoss = !('failure' in loaded) && this.inForce.wouldOnlyLoseRules(loaded)
    candidate.dueMs = performance.now() + (isLoss ? lossMs : quietMs)
    this.#followAgain(quietMs)
  }

  #followAgain(inMs: number): void {
    const follow = (): void => {
      try {
        this.follow()
      } catch (error) {
        this.#fail(error)
      }
    }
    clearTimeout(this.#again)
    this.#again = setTimeout(follow, Math.ceil(inMs)).unref()
  }

  #load({ rules, pipelines }: AllFiles): LoadedRules {
    const options = { ...this.#config, pipelines: pipelines.files }
    const { ruleSet, errors, idleSwitches } = loadRules(rules.files, options, [...rules.errors, ...pipelines.errors])
    if (idleSwitches.length > 0)
      this.#log.warn({ switches: idleSwitches.join('; ') }, 'switches fit none of the rules: misspelled, or not loaded')
    return { ruleSet, errors, evaluator: createCompiledEvaluator(ruleSet, { matching: this.#config.matching }) }
  }
}

/** A start that watches nothing, or not what was named, helps nobody. */
function refuseUnusable({ errors, ruleSet }: LoadedRules, config: WatchedRulesConfig): void {
  const isPathMissing = errors.some(({ code, place }) => code === 'LOAD_ERR_FILE_READ' && allPaths(config).includes(place.file))
  if (isPathMissing || (config.strict === true && errors.length > 0)) throw new RulesInvalidError(errors)
  if (ruleSet.rules.length === 0) throw new RulesInvalidError([...errors, ...config.paths.map(emptyPath)])
}

function emptyPath(file: string): LoadError {
  const message = 'no rule is left here: name a file or folder with rules (.yaml or .yml), in the syntax of Falco or Sigma'
  return { code: 'LOAD_ERR_FILE_READ', message, item: null, place: { file, line: 1, column: 1 } }
}

/** Files of rules, and of the field mappings that change them. */
interface AllFiles {
  readonly rules: RuleFiles
  readonly pipelines: RuleFiles
}

function readAll({ paths, pipelinePaths = [] }: WatchedRulesConfig): AllFiles {
  return { rules: readRuleFiles(paths), pipelines: readRuleFiles(pipelinePaths) }
}

/** Without the files that would hold up the load. */
async function tried(read: AllFiles, { placeholders = {}, trialBounds }: WatchedRulesConfig): Promise<AllFiles> {
  const { rules, pipelines } = read
  if (trialBounds === null) return read
  return { rules: await withoutHostile(rules, { pipelines: pipelines.files, placeholders }, trialBounds), pipelines }
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
