// Which rules a command means when it is given no path: those of the settings, else those that ship with Eunomia.
import { existsSync } from 'node:fs'
import { UsageError } from '../../infra/process/errors.js'
import { RulesInvalidError } from '../../processors/rule-engine/read/diagnostics.js'
import type { LoadOptions } from '../../processors/rule-engine/rule-set/load-options.js'
import type { LoadResult } from '../../processors/rule-engine/load/load-rules.js'
import { loadRuleFiles } from '../../processors/rule-engine/load/rule-files.js'
import { ruleFoldersOf } from '../../assembly/rules.js'
import { counted } from '../../infra/text/counted.js'
import { printable } from '../../infra/text/printable.js'

/** How rules are read, and where they are when no path is given. */
export interface RuleSource extends LoadOptions {
  /** Of the settings; none or empty for the folder of our own rules. */
  readonly folders?: readonly string[]
}

/** The given paths, or those of the settings, or the folder of our own rules. @throws UsageError for a path that is not there */
export function rulePaths(given: readonly string[], folders: readonly string[] = []): readonly string[] {
  const [paths, giver] = given.length > 0 ? [given, ''] : [ruleFoldersOf({ folders: [...folders] }), 'rules.folders: ']
  for (const path of paths) if (!existsSync(path)) throw new UsageError(`${giver}${path}: no such rule file or folder`)
  return paths
}

/** Loads the rules of the paths. @throws RulesInvalidError with every mistake, when there is any */
export function loadFlawlessRules(given: readonly string[], source: RuleSource = {}): LoadResult {
  const result = loadRuleFiles(rulePaths(given, source.folders), source)
  if (result.errors.length > 0) throw new RulesInvalidError(result.errors)
  tellIdleSwitches(result)
  return result
}

/**
 * Loads the rules of the paths for a look at them: those with mistakes are left out, and a line on stderr says how many.
 * @throws RulesInvalidError when mistakes leave nothing to look at
 */
export function loadGoodRules(given: readonly string[], source: RuleSource = {}): LoadResult {
  const result = loadRuleFiles(rulePaths(given, source.folders), source)
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
