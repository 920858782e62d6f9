// The flags of the commands that evaluate rules on the past, and what they mean.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { type HuntRules, ruleOfCondition } from '../../processors/forensics/hunt/hunt-rules.js'
import type { HuntRequest } from '../../processors/forensics/hunt/hunt-plan.js'
import { RulesInvalidError } from '../../processors/rule-engine/read/diagnostics.js'
import { loadRules } from '../../processors/rule-engine/load/load-rules.js'
import { readRuleFiles, withoutHostile } from '../../processors/rule-engine/load/rule-files.js'
import { needTrial } from '../../processors/rule-engine/load/trial-load.js'
import { ALERT_FORMATS, type AlertFormat } from '../../schemas/alert-formats.js'
import { counted } from '../../infra/text/printable.js'
import { addRuleFlags, resolvedRules, rulePaths, type RuleFlags } from '../rules/rule-flags.js'
import { parseMoment, repeated } from '../settings.js'

/** The flags as they are given. */
export interface HuntFlags extends RuleFlags {
  readonly since: number
  readonly until?: number
  readonly host?: string[]
  readonly container?: string[]
  readonly image?: string[]
  readonly workers: number
  readonly limit: number
  readonly format: AlertFormat | 'table'
  readonly output?: string
  readonly detach?: boolean
  readonly save?: string
  readonly schedule?: string
  readonly reason: string
  readonly author?: string
}

/** Adds the flags. */
export function addHuntFlags(command: Command, { limit } = { limit: 10_000 }): Command {
  return addRuleFlags(command)
    .addOption(
      new Option('--since <time>', 'begin of the range: 10m, 2h, 7d, 2026-01-31T12:00:00Z')
        .argParser((text) => parseMoment(text))
        .makeOptionMandatory(),
    )
    .option('--until <time>', 'end of the range (default: now)', (text) => parseMoment(text))
    .option('--host <host>', 'only events of this host, by name or id; may be repeated', repeated)
    .option('--container <name-or-id>', 'only matches in this container; * matches any text; may be repeated', repeated)
    .option('--image <name>', 'only matches in containers of this image; * matches any text; may be repeated', repeated)
    .option('--workers <count>', 'threads (default: one for each core)', wholeNumber, availableParallelism())
    .option('--limit <count>', 'alerts in the result; those after them are only counted', wholeNumber, limit)
    .addOption(
      new Option('--format <format>', 'text blocks, or a line for each alert').choices(['table', ...ALERT_FORMATS]).default('table'),
    )
    .option('--output <file>', 'write the alerts there instead of to standard output')
}

/** Adds the flags of hunts that workers run. */
export function addJobFlags(command: Command): Command {
  return command
    .option('--detach', 'leave it to the workers (eunomia process hunt) and print its id: see eunomia jobs')
    .option(
      '--save <name>',
      'keep it under this name instead of running it; each run takes what came since the last one, at first the range',
      savedName,
    )
    .option('--schedule <crontab>', 'with --save: when workers run it, UTC: minute hour day month weekday', crontab)
    .option('--reason <text>', 'with --detach or --save: why; it is in the audit trail', 'no reason given')
    .option('--author <name>', 'with --detach or --save: who wants it (default: the user of this command)')
}

function savedName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text
  throw new InvalidArgumentError('Expected up to 100 letters, digits, dots, hyphens and underscores.')
}

function crontab(text: string): string {
  if (/^[\d*,/LW#?A-Za-z-]+( [\d*,/LW#?A-Za-z-]+){4}$/.test(text)) return text
  throw new InvalidArgumentError("Expected five fields: minute, hour, day, month and weekday, as in '0 3 * * *'.")
}

/** What the flags ask for. @throws RulesInvalidError, UsageError */
export async function requestOf(given: readonly string[], flags: HuntFlags, command: Command): Promise<HuntRequest> {
  const { since: fromMs, until: toMs = Date.now(), host, container, image, limit } = flags
  if (toMs <= fromMs) throw new UsageError('--until must be later than --since')
  return {
    ...{ fromMs, toMs, mostRows: limit },
    rules: await rulesOf(given, flags, command),
    ...(host && { hosts: host }),
    ...(container && { containers: container }),
    ...(image && { images: image }),
  }
}

async function rulesOf(given: readonly string[], flags: HuntFlags, command: Command): Promise<HuntRules> {
  const { folders, matching = 'first', switches = [], pipelines, placeholders, minPriority } = resolvedRules(command, flags)
  const [only = ''] = given
  const isCondition = given.length === 1 && !existsSync(only) && /[\s=<>!]/.test(only)
  const read = isCondition ? { files: [ruleOfCondition(only)], errors: [] } : readRuleFiles(rulePaths(given, folders))
  const options = {
    switches,
    ...(pipelines && { pipelines }),
    ...(placeholders && { placeholders }),
    ...(minPriority !== undefined && { minPriority }),
  }
  const { files, errors: unreadable } = needTrial([...read.files, ...(pipelines ?? [])]) ? await withoutHostile(read, options) : read
  const { errors, ruleSet } = loadRules(files, options, unreadable)
  if (errors.length > 0 && ruleSet.rules.length === 0) throw new RulesInvalidError(errors)
  if (errors.length > 0) {
    const excluded = counted(ruleSet.quarantined.length, 'rule or file is', 'rules and files are')
    process.stderr.write(`${excluded} excluded because of errors; run eunomia rules check to see them\n`)
  }
  const active = ruleSet.activeRules.length + ruleSet.activeCorrelations.length
  const all = ruleSet.rules.length
  if (active === 0)
    throw new UsageError(
      `nothing would be searched: ${all === 0 ? 'there is no rule' : `none of ${counted(all, 'rule')} can fire`}; eunomia rules check says why`,
    )
  return {
    ...{ files, matching, switches: switches.map(({ text }) => text) },
    ...(pipelines && { pipelines }),
    ...(placeholders && { placeholders }),
    ...(minPriority !== undefined && { minPriority }),
  }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value === 0) throw new InvalidArgumentError('Expected a whole number from 1.')
  return value
}
