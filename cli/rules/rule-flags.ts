// The flags of all `rules` commands that load rules, and the loading itself. Flags override settings. Requests as JSON lines do not use the
// settings. Without a path, a command uses the rules of the settings, or else the rules that ship with Eunomia.
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import type { RuleMatching } from '../../processors/rule-engine/evaluate/plain-evaluator.js'
import { type LoadOptions, parseSwitches } from '../../processors/rule-engine/rule-set/load-options.js'
import { readRuleFiles, loadUntrustedFiles } from '../../processors/rule-engine/load/rule-files.js'
import type { RuleFile } from '../../processors/rule-engine/read/rule-file.js'
import { isProblem, parsePlaceholders, type Placeholders } from '../../processors/rule-engine/sigma/values/placeholders.js'
import { ruleOptionsOf, ruleFoldersOf } from '../../assembly/rules.js'
import { commandContext, repeated, addSwitchFlags, switchesOf, type SwitchFlags } from '../settings.js'
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
    .option('--minimum-priority <priority>', 'leave out rules with a lower priority')
    .option('--pipeline <file>', 'field mapping for Sigma rules, in the form of a pySigma pipeline; may be repeated', repeated)
    .option('--placeholder <name=values>', 'values of %name% in Sigma rules, separated by commas; may be repeated', repeated)
}

/** How a command is to read rules, and where they are when it is given no path. */
export interface ResolvedRules extends LoadOptions {
  /** `rules.folders` of the settings; empty for the rules that ship with Eunomia. */
  readonly folders: readonly string[]
  /** `rules.matching`, where somebody set it. */
  readonly matching: RuleMatching | undefined
}

/**
 * The rule options of flags and settings; a flag overrides its setting.
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

/** Rejects unusable settings from flags for all `rules` commands, including those that read no settings. @throws ConfigError */
export function refuseBrokenSettings(command: Command): void {
  const { config, set = [] } = command.optsWithGlobals<{ config?: string; set?: string[] }>()
  if (config !== undefined || set.length > 0) commandContext(command)
}

/** The load options of the flags alone. @throws UsageError for an invalid value, and for a pipeline that can't be read */
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
export async function loadFlawlessRules(given: readonly string[], source: RuleSource = {}): Promise<LoadResult> {
  const result = await loadUntrustedFiles(rulePaths(given, source.folders), source)
  if (result.errors.length > 0) throw new RulesInvalidError(result.errors)
  warnOfIdleSwitches(result)
  return result
}

/**
 * Loads the rules of the paths to inspect them. Rules with errors are excluded, and a line on stderr shows how many.
 * @throws RulesInvalidError if no rule is left
 */
export async function loadGoodRules(given: readonly string[], source: RuleSource = {}): Promise<LoadResult> {
  const result = await loadUntrustedFiles(rulePaths(given, source.folders), source)
  const { errors, ruleSet } = result
  if (errors.length > 0 && ruleSet.rules.length === 0) throw new RulesInvalidError(errors)
  if (errors.length > 0) {
    const excluded = counted(ruleSet.quarantined.length, 'rule or file is', 'rules and files are')
    process.stderr.write(`${excluded} excluded because of errors; run eunomia rules check to see them\n`)
  }
  warnOfIdleSwitches(result)
  return result
}

function warnOfIdleSwitches({ idleSwitches }: LoadResult): void {
  if (idleSwitches.length > 0) process.stderr.write(`no rule matches: ${idleSwitches.map(printable).join('; ')}\n`)
}
