// The rules of one command: those of the settings, or the ones that ship with Eunomia.
import { join } from 'node:path'
import type { Config } from '../../infra/config/config-schema.js'
import type { PartCare } from '../../infra/lifecycle.js'
import type { Logger } from '../../infra/logger.js'
import type { Metrics } from '../../infra/metrics.js'
import { UsageError } from '../../infra/errors.js'
import { isProblem, parsePlaceholders } from '../../processors/rule-engine/sigma/values/given-placeholders.js'
import { parseSwitches } from '../../processors/rule-engine/rule-switches.js'
import { packageRoot } from '../../infra/package-root.js'
import { startWatchedRules, type WatchedRules } from '../../processors/watched-rules.js'

/** Loads the rules and puts their reload under care. @throws RulesInvalidError (EUNOMIA_RULES_INVALID) with every mistake of every file, when the set is not to be used */
export async function startRules(config: Config['rules'], log: Logger, metrics: Metrics, care: PartCare): Promise<WatchedRules> {
  const { folders, minimumPriority, matching, reload, strict, pipelines } = config
  const placeholders = parsePlaceholders(config.placeholders, { isSplit: true })
  if (isProblem(placeholders)) throw new UsageError(`rules.placeholders: ${placeholders.problem}`)
  const switches = parseSwitches(config.switches)
  if ('problem' in switches) throw new UsageError(`rules.switches: ${switches.problem}`)
  const paths = folders.length === 0 ? [join(packageRoot(), 'rules')] : folders
  return await care.start('rules', () =>
    Promise.resolve(
      startWatchedRules(
        { paths, pipelinePaths: pipelines, placeholders, switches, minPriority: minimumPriority, matching, reload, strict },
        log,
        metrics,
      ),
    ),
  )
}
