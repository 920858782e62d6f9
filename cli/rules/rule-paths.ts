// Which rules a command means when it is given no path: those that ship with Eunomia.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../infra/errors.js'
import { packageRoot } from '../../infra/package-root.js'
import { RulesInvalidError } from '../../processors/rule-engine/diagnostics.js'
import type { LoadOptions } from '../../processors/rule-engine/load-options.js'
import type { LoadResult } from '../../processors/rule-engine/load-rules.js'
import { loadRuleFiles } from '../../processors/rule-engine/rule-files.js'
import { counted } from '../terminal/counted.js'
import { printable } from '../terminal/terminal-text.js'

/** The given paths, or the folder of our own rules. @throws UsageError for a path that is not there */
export function rulePaths(given: readonly string[]): readonly string[] {
  for (const path of given) if (!existsSync(path)) throw new UsageError(`${path}: no such rule file or folder`)
  return given.length > 0 ? given : [join(packageRoot(), 'rules')]
}

/** Loads the rules of the paths. @throws RulesInvalidError with every mistake, when there is any */
export function loadFlawlessRules(given: readonly string[], options: LoadOptions = {}): LoadResult {
  const result = loadRuleFiles(rulePaths(given), options)
  if (result.errors.length > 0) throw new RulesInvalidError(result.errors)
  tellIdleSwitches(result)
  return result
}

/**
 * Loads the rules of the paths for a look at them: those with mistakes are left out, and a line on stderr says how many.
 * @throws RulesInvalidError when mistakes leave nothing to look at
 */
export function loadGoodRules(given: readonly string[], options: LoadOptions = {}): LoadResult {
  const result = loadRuleFiles(rulePaths(given), options)
  const { errors, ruleSet } = result
  if (errors.length > 0 && ruleSet.rules.length === 0) throw new RulesInvalidError(errors)
  if (errors.length > 0) {
    const kept = counted(ruleSet.quarantined.length, 'rule or file is', 'rules and files are')
    process.stderr.write(`${kept} kept out for mistakes; eunomia rules check shows them\n`)
  }
  tellIdleSwitches(result)
  return result
}

function tellIdleSwitches({ idleSwitches }: LoadResult): void {
  if (idleSwitches.length > 0) process.stderr.write(`no rule fits: ${idleSwitches.map(printable).join('; ')}\n`)
}
