// Which rules a command means when it is given no path: those that ship with Eunomia.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../infra/errors.js'
import { packageRoot } from '../../infra/package-root.js'
import { RulesInvalidError } from '../../processors/rule-engine/diagnostics.js'
import type { LoadOptions } from '../../processors/rule-engine/load-options.js'
import type { LoadResult } from '../../processors/rule-engine/load-rules.js'
import type { RuleSet } from '../../processors/rule-engine/rule-set.js'
import { loadRuleFiles } from '../../processors/rule-engine/rule-files.js'

/** The given paths, or the folder of our own rules. @throws UsageError for a path that is not there */
export function rulePaths(given: readonly string[]): readonly string[] {
  for (const path of given) if (!existsSync(path)) throw new UsageError(`${path}: no such rule file or folder`)
  return given.length > 0 ? given : [join(packageRoot(), 'rules')]
}

/** What was loaded, with a set of rules for certain. */
export type LoadedRules = LoadResult & { readonly ruleSet: RuleSet }

/** Loads the rules of the paths. @throws RulesInvalidError with every mistake, when there is no set to work with */
export function loadRules(given: readonly string[], options: LoadOptions = {}): LoadedRules {
  const result = loadRuleFiles(rulePaths(given), options)
  const { ruleSet, errors } = result
  if (ruleSet === null || errors.length > 0) throw new RulesInvalidError(errors)
  return { ...result, ruleSet }
}
