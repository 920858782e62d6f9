// The settings of one command: the flags that every command takes (--config, --set, --verbose), its own flags, environment and file.
import type { Command } from 'commander'
import { flagOfSet, type ConfigFlag } from '../../infra/config/flag-source.js'
import { loadConfig, type ResolvedConfig } from '../../infra/config/load-config.js'
import { createLog } from '../../infra/process/log.js'
import type { Logger } from '../../infra/process/logger.js'
import { repeated } from './repeated-option.js'

/** What every command knows. */
export interface CommandContext {
  readonly resolved: ResolvedConfig
  readonly config: ResolvedConfig['config']
  readonly log: Logger
}

/** Adds the flags that all commands take to the program. */
export function addConfigOptions(program: Command): void {
  program
    .option('--config <file>', 'settings file (default: $EUNOMIA_CONFIG, ./eunomia.yaml, /etc/eunomia/eunomia.yaml)')
    .option('--set <path=value>', 'set any setting, as in --set kafka.lingerMs=20; may be repeated', repeated)
    .option('-v, --verbose', 'log debug lines')
}

/**
 * Loads the settings for a command.
 * @param flags the command's own flags; those without a value are left out
 * @param quietLevel least level of log lines unless a level was asked for, for commands whose screen is for something else; lines are then for people,
 * also where stderr is no terminal, unless JSON was asked for
 * @throws ConfigError
 */
export function commandContext(command: Command, flags: readonly ConfigFlag[] = [], quietLevel?: 'warn'): CommandContext {
  const options = command.optsWithGlobals<{ config?: string; set?: string[]; verbose?: boolean; json?: boolean }>()
  const verbose: readonly ConfigFlag[] = options.verbose === true ? [{ flag: '--verbose', path: 'logLevel', value: 'debug' }] : []
  const resolved = loadConfig({
    file: options.config,
    environment: process.env,
    flags: [...(options.set ?? []).map(flagOfSet), ...verbose, ...flags.filter((flag) => flag.value !== undefined)],
  })
  const isAsked = resolved.values.get('logLevel')?.source !== 'default'
  const level = isAsked ? resolved.config.logLevel : (quietLevel ?? resolved.config.logLevel)
  const isForPeople = quietLevel !== undefined && !isAsked && options.json !== true
  return { resolved, config: resolved.config, log: createLog({ level, ...(isForPeople ? { isPretty: true } : {}) }) }
}
