// Flags that every command below `rules` takes which loads rules: how the files are to be read. One place, so that no command knows fewer.
// What no flag says, the settings say, as for the commands that judge live events; requests as JSON lines stand for themselves.
// + Which rules a command means when it is given no path: those of the settings, else those that ship with Eunomia.
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import type { RuleMatching } from '../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { LoadOptions } from '../../processors/rule-engine/rule-set/load-options.js'
import { readRuleFiles, loadRuleFiles } from '../../processors/rule-engine/load/rule-files.js'
import type { RuleFile } from '../../processors/rule-engine/read/rule-file.js'
import { isProblem, parsePlaceholders } from '../../processors/rule-engine/sigma/values/placeholders.js'
import type { Placeholders } from '../../processors/rule-engine/sigma/values/placeholders.js'
import { parseSwitches } from '../../processors/rule-engine/rule-set/load-options.js'
import { ruleOptionsOf, ruleFoldersOf } from '../../assembly/rules.js'
import { commandContext, repeated, addSwitchFlags, switchesOf } from '../settings.js'
import type { SwitchFlags } from '../settings.js'
import { parsePriority, PRIORITIES } from '../../processors/rule-engine/rule-set/priority.js'
import { oneOf } from '../../processors/rule-engine/workbench/rule-list.js'
import { RulesInvalidError } from '../../processors/rule-engine/read/diagnostics.js'
import type { LoadResult } from '../../processors/rule-engine/load/load-rules.js'
import { counted, printable } from '../../infra/text/printable.js'

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

/** How a command is to read rules, and where they are when it is given no path. */
export interface ResolvedRules extends LoadOptions {
  /** `rules.folders` of the settings; empty for the rules that ship with Eunomia. */
  readonly folders: readonly string[]
  /** `rules.matching`, where somebody set it. */
  readonly matching: RuleMatching | undefined
}

/**
 * What flags and settings say; a flag stands in place of its setting.
 * @throws ConfigError with all mistakes of the settings, UsageError for a value that means nothing and for a pipeline that can't be read
 */
export function resolvedRules(command: Command, flags: RuleFlags): ResolvedRules {
  const given = loadOptionsOf(flags)
  const { config, resolved } = commandContext(command)
  const { folders, matching, pipelines } = config.rules
  const unsaid = {
    ...config.rules,
    ...(given.placeholders === undefined ? {} : { placeholders: [] }),
    ...(given.switches === undefined ? {} : { switches: [] }),
  }
  return {
    ...ruleOptionsOf(unsaid),
    ...(given.pipelines !== undefined || pipelines.length === 0 ? {} : { pipelines: pipelinesOf('rules.pipelines', pipelines) }),
    ...given,
    folders,
    matching: resolved.values.get('rules.matching')?.source === 'default' ? undefined : matching,
  }
}

/** Refuses settings that a flag gives and that can't be used, for all commands here: also for those that ask the settings nothing. @throws ConfigError */
export function refuseBrokenSettings(command: Command): void {
  const { config, set = [] } = command.optsWithGlobals<{ config?: string; set?: string[] }>()
  if (config !== undefined || set.length > 0) commandContext(command)
}

/** What the loaders are told by the flags alone. @throws UsageError for a value that means nothing, and for a pipeline that can't be read */
export function loadOptionsOf({ minimumPriority, pipeline = [], placeholder = [], ...switches }: RuleFlags): LoadOptions {
  return {
    ...(minimumPriority === undefined ? {} : { minPriority: priorityOf(minimumPriority) }),
    ...(pipeline.length === 0 ? {} : { pipelines: pipelinesOf('--pipeline', pipeline) }),
    ...(placeholder.length === 0 ? {} : { placeholders: placeholdersOf(placeholder) }),
    ...(switchesOf(switches) === undefined ? {} : { switches: ruleSwitchesOf(switches) }),
  }
}

function pipelinesOf(giver: string, paths: readonly string[]): readonly RuleFile[] {
  const { files, errors } = readRuleFiles(paths)
  const [error] = errors
  if (error !== undefined) throw new UsageError(`${giver}: ${error.place.file}: ${error.message}`)
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
  return oneOf('--minimum-priority', minimumPriority, PRIORITIES)
}

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
