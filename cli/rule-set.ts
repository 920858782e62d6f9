// The rules of one command: the set that is in force, what is in it, and its reload when files change.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../infra/config/config-schema.js'
import { messageOf } from '../infra/errors.js'
import type { PartCare } from '../infra/lifecycle.js'
import type { Logger } from '../infra/logger.js'
import { packageRoot } from '../infra/package-root.js'
import { diagnosticText, RulesInvalidError } from '../processors/rule-engine/diagnostics.js'
import { createPlainEvaluator } from '../processors/rule-engine/evaluate/plain-evaluator.js'
import type { Evaluator } from '../processors/rule-engine/evaluator.js'
import { loadFalcoRules } from '../processors/rule-engine/falco/load-falco.js'
import { readRuleFiles, type RuleFiles } from '../processors/rule-engine/rule-files.js'
import type { RuleSet } from '../processors/rule-engine/rule-set.js'
import type { RulesProvider } from '../processors/rules-provider.js'

/** How often files are looked at for changes. Looking, not being told: it also sees what is mounted or linked anew. */
const LOOK_MS = 3000

/** Rules in force. */
export interface RulesInForce extends RulesProvider {
  /** Rules that are enabled. */
  readonly loaded: number
  /** Of them those whose events and fields exist: the others never fire. */
  readonly evaluable: number
}

/**
 * Loads the rules of the settings, and, where the settings say so, loads them again when their files change.
 * @throws RulesInvalidError (EUNOMIA_RULES_INVALID) with every mistake of every file
 */
export async function startRules(config: Config['rules'], log: Logger, care: PartCare): Promise<RulesInForce> {
  const rules = new WatchedRules(config, log)
  if (config.reload) {
    const timer = setInterval(() => rules.lookAgain(), LOOK_MS)
    care.keep('rules', () => Promise.resolve(clearInterval(timer)))
  }
  return await Promise.resolve(rules)
}

/** A set that follows its files. One that does not load leaves the set before in force. */
export class WatchedRules implements RulesInForce {
  readonly #config: Config['rules']
  readonly #log: Logger
  #seen: string
  #inForce: { readonly set: RuleSet; readonly evaluator: Evaluator }

  constructor(config: Config['rules'], log: Logger) {
    this.#config = config
    this.#log = log
    const files = this.#read()
    this.#seen = fingerprint(files)
    this.#inForce = this.#load(files)
  }

  get loaded(): number {
    return this.#inForce.set.activeRules.length + this.#inForce.set.waitingRules.length
  }
  get evaluable(): number {
    return this.#inForce.set.activeRules.length
  }
  current(): Evaluator {
    return this.#inForce.evaluator
  }

  /** Loads the files again if they changed. Never throws. */
  lookAgain(): void {
    try {
      const files = this.#read()
      const now = fingerprint(files)
      if (now === this.#seen) return
      // Noted before the load: a mistake is told once, not at every look.
      this.#seen = now
      this.#inForce = this.#load(files)
      this.#log.info({ rules: this.loaded, evaluable: this.evaluable, ruleSetHash: this.#inForce.set.hash }, 'rules loaded again')
    } catch (error) {
      this.#log.error({ mistakes: messageOf(error) }, 'rules did not load; the set before stays in force')
    }
  }

  #read(): RuleFiles {
    const { folders } = this.#config
    return readRuleFiles(folders.length === 0 ? [join(packageRoot(), 'rules')] : folders)
  }

  #load({ files, errors }: RuleFiles): { readonly set: RuleSet; readonly evaluator: Evaluator } {
    const result = loadFalcoRules(files, { minPriority: this.#config.minimumPriority })
    if (errors.length > 0 || result.ruleSet === null) throw new RulesInvalidError([...errors, ...result.errors])
    for (const warning of result.warnings) this.#log.debug({ warning: diagnosticText(warning) }, 'rule file')
    return { set: result.ruleSet, evaluator: createPlainEvaluator(result.ruleSet, { matching: this.#config.matching }) }
  }
}

function fingerprint({ files, errors }: RuleFiles): string {
  const hash = createHash('sha256')
  for (const { name, text } of files) hash.update(`${name}\0${String(text.length)}\0${text}`)
  for (const error of errors) hash.update(error.message)
  return hash.digest('hex')
}
