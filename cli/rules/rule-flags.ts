// Flags that every command below `rules` takes which loads rules: how the files are to be read. One place, so that no command knows fewer.
import type { Command } from 'commander'
import { nearestName } from '../../infra/nearest.js'
import { UsageError } from '../../infra/errors.js'
import type { LoadOptions } from '../../processors/rule-engine/load-options.js'
import { parsePriority } from '../../processors/rule-engine/priority.js'
import { PRIORITY_SYMBOLS } from '../../schemas/generated/types.js'

/** The flags as they are given. */
export interface RuleFlags {
  readonly minimumPriority?: string
}

/** Adds the flags to a command. */
export function addRuleFlags(command: Command): Command {
  return command.option('--minimum-priority <priority>', 'leave out rules that are less urgent')
}

/** What the loaders are told. @throws UsageError for a value that means nothing */
export function loadOptionsOf({ minimumPriority }: RuleFlags): LoadOptions {
  if (minimumPriority === undefined) return {}
  const minPriority = parsePriority(minimumPriority)
  if (minPriority !== null) return { minPriority }
  const known = PRIORITY_SYMBOLS.filter((name) => name !== 'UNKNOWN')
  const near = nearestName(minimumPriority, known)
  throw new UsageError(
    `--minimum-priority: '${minimumPriority}' is none of ${known.join(', ')}${near === undefined ? '' : `; did you mean '${near}'?`}`,
  )
}
