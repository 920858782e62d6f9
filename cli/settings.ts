// The settings of one command from its flags, the common flags (--config, --set, --verbose), the environment and the file; and parsers of flag values.
import { type Command, InvalidArgumentError } from 'commander'
import { hostname, userInfo } from 'node:os'
import { type ConfigFlag, flagOfSet } from '../infra/config/text-sources.js'
import { type ResolvedConfig, loadConfig } from '../infra/config/load-config.js'
import { createLog } from '../infra/process/log.js'
import type { Logger } from '../infra/process/logger.js'

/** Settings and log of a command. */
export interface CommandContext {
  readonly resolved: ResolvedConfig
  readonly config: ResolvedConfig['config']
  readonly log: Logger
}

/** Adds the common flags to the program. */
export function addConfigOptions(program: Command): void {
  program
    .option('--config <file>', 'settings file (default: $EUNOMIA_CONFIG, ./eunomia.yaml, /etc/eunomia/eunomia.yaml)')
    .option('--set <path=value>', 'set any setting, as in --set kafka.lingerMs=20; may be repeated', repeated)
    .option('-v, --verbose', 'log debug lines')
}

/**
 * Loads the settings for a command.
 * @param flags the command's own flags; those without a value are ignored
 * @param quietLevel minimum log level, unless one is configured, for commands whose screen shows something else. Log lines are then pretty,
 * also if stderr is not a terminal, unless JSON is requested
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

/** Rule switches as given. */
export interface SwitchFlags {
  readonly enable?: string[]
  readonly disable?: string[]
}

/** Adds the flags to a command. */
export function addSwitchFlags(command: Command): Command {
  return command
    .option('--disable <rule>', 'switch rules off by name or id (* matches any text), or by tag:TAG; may be repeated', repeated)
    .option('--enable <rule>', 'switch rules on; overrides --disable; may be repeated', repeated)
}

/** The switches in the form of the setting `rules.switches`; undefined for none. `--disable '*' --enable tag:x` leaves only the tagged. */
export function switchesOf({ enable = [], disable = [] }: SwitchFlags): string[] | undefined {
  const switches = [...disable.map((what) => `disable ${what}`), ...enable.map((what) => `enable ${what}`)]
  return switches.length === 0 ? undefined : switches
}

/** For commander: collects repeated values in order. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** Bytes of a size. @throws InvalidArgumentError */
export function parseSize(text: string): number {
  const parts = /^(\d{1,12})(KiB|MiB|GiB|TiB|)$/.exec(text)
  const bytes = Number(parts?.[1]) * (UNIT_BYTES[parts?.[2] ?? ''] ?? Number.NaN)
  if (!Number.isSafeInteger(bytes) || bytes === 0) throw new InvalidArgumentError('Expected a size such as 65536, 64KiB, 100MiB or 2GiB.')
  return bytes
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a span. @throws InvalidArgumentError */
export function parseSpan(text: string): number {
  const parts = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const unit = UNIT_MS[parts?.[2] ?? '']
  if (parts?.[1] === undefined || unit === undefined) throw new InvalidArgumentError('Expected a span such as 500ms, 30s, 10m, 2h or 1d.')
  return Number(parts[1]) * unit
}

/** Unix time in milliseconds of a moment. @throws InvalidArgumentError */
export function parseMoment(text: string, nowMs = Date.now()): number {
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return nowMs - parseSpan(text)
  const moment = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(moment)) throw new InvalidArgumentError('Expected a span ago such as 10m or 2h, or a time such as 2026-01-31T12:00:00Z.')
  return moment
}

/** The user of this command at this machine. */
export function defaultAuthor(): string {
  const { SUDO_USER: sudoUser } = process.env
  return `${sudoUser === undefined || sudoUser === '' ? ownUser() : sudoUser}@${hostname()}`
}

/** A container may run as a user that has no name. */
function ownUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${String(process.getuid?.() ?? 'unknown')}`
  }
}
