// Flags that every command below `rules` takes which loads rules: how the files are to be read. One place, so that no command knows fewer.
import type { Command } from 'commander'
import { nearestName } from '../../infra/nearest.js'
import { UsageError } from '../../infra/errors.js'
import type { LoadOptions } from '../../processors/rule-engine/load-options.js'
import { readRuleFiles } from '../../processors/rule-engine/rule-files.js'
import type { RuleFile } from '../../processors/rule-engine/read/rule-file.js'
import { isProblem, parsePlaceholders } from '../../processors/rule-engine/sigma/values/given-placeholders.js'
import type { Placeholders } from '../../processors/rule-engine/sigma/values/placeholders.js'
import { parseSwitches } from '../../processors/rule-engine/rule-switches.js'
import { repeated } from '../settings/repeated-option.js'
import { addSwitchFlags, switchesOf } from '../settings/switch-flags.js'
import type { SwitchFlags } from '../settings/switch-flags.js'
import { parsePriority } from '../../processors/rule-engine/priority.js'
import { PRIORITY_SYMBOLS } from '../../schemas/generated/types.js'

/** The flags as they are given. */
export interface RuleFlags extends SwitchFlags {
  readonly minimumPriority?: string
  readonly pipeline?: string[]
  readonly placeholder?: string[]
}

/** Adds the flags to a command. */
export function addRuleFlags(command: Command): Command {
  return addSwitchFlags(command)
    .option('--minimum-priority <priority>', 'leave out rules that are less urgent')
    .option('--pipeline <file>', 'field mapping for Sigma rules, in the form of a pySigma pipeline; may be repeated', repeated)
    .option('--placeholder <name=values>', 'values of %name% in Sigma rules, parted by commas; may be repeated', repeated)
}

/** What the loaders are told. @throws UsageError for a value that means nothing, and for a pipeline that can't be read */
export function loadOptionsOf({ minimumPriority, pipeline = [], placeholder = [], ...switches }: RuleFlags): LoadOptions {
  return {
    ...(minimumPriority === undefined ? {} : { minPriority: priorityOf(minimumPriority) }),
    ...(pipeline.length === 0 ? {} : { pipelines: pipelinesOf(pipeline) }),
    ...(placeholder.length === 0 ? {} : { placeholders: placeholdersOf(placeholder) }),
    switches: ruleSwitchesOf(switches),
  }
}

function pipelinesOf(paths: readonly string[]): readonly RuleFile[] {
  const { files, errors } = readRuleFiles(paths)
  const [error] = errors
  if (error !== undefined) throw new UsageError(`--pipeline: ${error.place.file}: ${error.message}`)
  return files
}

function ruleSwitchesOf(flags: SwitchFlags): NonNullable<LoadOptions['switches']> {
  const switches = parseSwitches(switchesOf(flags) ?? [])
  if ('problem' in switches) throw new UsageError(switches.problem)
  return switches
}

function placeholdersOf(given: readonly string[]): Placeholders {
  const placeholders = parsePlaceholders(given)
  if (isProblem(placeholders)) throw new UsageError(`--placeholder: ${placeholders.problem}`)
  return placeholders
}

function priorityOf(minimumPriority: string): NonNullable<LoadOptions['minPriority']> {
  const minPriority = parsePriority(minimumPriority)
  if (minPriority !== null) return minPriority
  const known = PRIORITY_SYMBOLS.filter((name) => name !== 'UNKNOWN')
  const near = nearestName(minimumPriority, known)
  throw new UsageError(
    `--minimum-priority: '${minimumPriority}' is none of ${known.join(', ')}${near === undefined ? '' : `; did you mean '${near}'?`}`,
  )
}
