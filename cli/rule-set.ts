// The rules of one command: the set that is in force, what is in it, and its reload when files change.
import type { Config } from '../infra/config/config-schema.js'
import type { PartCare } from '../infra/lifecycle.js'
import type { Logger } from '../infra/logger.js'
import type { RulesProvider } from '../processors/rules-provider.js'

/** Rules that were loaded. */
export interface LoadedRules extends RulesProvider {
  readonly loaded: number
  /** Of them those whose events and fields exist. */
  readonly evaluable: number
}

/** Loads the rules of the settings and puts their reload under care. @throws RulesInvalidError */
export function startRules(_config: Config['rules'], _log: Logger, _care: PartCare): Promise<LoadedRules> {
  throw new Error('not there yet')
}
