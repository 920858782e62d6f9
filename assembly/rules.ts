// What the settings say about rules, for the commands that start them and for those below `rules` that look at them; and the start itself.
import { join } from 'node:path'
import type { Config } from '../infra/config/config-schema.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import { UsageError } from '../infra/process/errors.js'
import { isProblem, parsePlaceholders } from '../processors/rule-engine/sigma/values/placeholders.js'
import { type LoadOptions, parseSwitches } from '../processors/rule-engine/rule-set/load-options.js'
import { packageRoot } from '../infra/process/package-root.js'
import { startWatchedRules, type WatchedRules } from '../processors/rule-engine/load/watched-rules.js'

/** The files and folders of the settings, or the folder of our own rules. */
export function ruleFoldersOf({ folders }: Pick<Config['rules'], 'folders'>): readonly string[] {
  return folders.length === 0 ? [join(packageRoot(), 'rules')] : folders
}

/** Options of the loaders from the settings. @throws UsageError for an invalid setting, with its name */
export function ruleOptionsOf(
  config: Pick<Config['rules'], 'placeholders' | 'switches' | 'minimumPriority'>,
): Required<Pick<LoadOptions, 'placeholders' | 'switches' | 'minPriority'>> {
  const placeholders = parsePlaceholders(config.placeholders, { isSplit: true })
  if (isProblem(placeholders)) throw new UsageError(`rules.placeholders: ${placeholders.problem}`)
  const switches = parseSwitches(config.switches)
  if ('problem' in switches) throw new UsageError(`rules.switches: ${switches.problem}`)
  return { placeholders, switches, minPriority: config.minimumPriority }
}

/** Loads the rules and starts their reload. @throws RulesInvalidError (EUNOMIA_RULES_INVALID) with every mistake of every file, when the set is not to be used */
export async function startRules(config: Config['rules'], log: Logger, metrics: Metrics, lifecycle: Lifecycle): Promise<WatchedRules> {
  const { matching, reload, strict, allowFewer, pipelines } = config
  const options = ruleOptionsOf(config)
  const watched = { paths: ruleFoldersOf(config), pipelinePaths: pipelines, ...options, matching, reload, strict, allowFewer }
  return await lifecycle.start('rules', () => startWatchedRules(watched, log, metrics))
}
