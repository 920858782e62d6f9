// Loads the configuration: defaults < file < environment < flags. It is valid as a whole, or one error lists every mistake.
import { existsSync, statSync } from 'node:fs'
import { ConfigError, type SourcedValue, type SourceResult } from './setting-value.js'
import type { Config } from './config-schema.js'
import { type ConfigFlag, readEnvironment, readFlags } from './text-sources.js'
import { readConfigFile } from './file-source.js'
import { configSettings } from './setting.js'

/** The sources of settings. */
export interface ConfigSources {
  /** Default: EUNOMIA_CONFIG, otherwise the first that exists of ./eunomia.yaml and /etc/eunomia/eunomia.yaml. */
  readonly file?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly flags?: readonly ConfigFlag[]
}

/** The settings, each with its source. */
export interface ResolvedConfig {
  readonly config: Config
  readonly values: ReadonlyMap<string, SourcedValue>
  /** The file that was read; null for none. */
  readonly file: string | null
}

/**
 * Loads the configuration.
 * @throws ConfigError (EUNOMIA_CONFIG_INVALID) with all mistakes of all sources
 */
export function loadConfig(sources: ConfigSources): ResolvedConfig {
  const file = sources.file ?? sources.environment['EUNOMIA_CONFIG'] ?? fileInPlace()
  const results: readonly SourceResult[] = [
    defaults(),
    ...(file === undefined ? [] : [readConfigFile(file)]),
    readEnvironment(sources.environment),
    readFlags(sources.flags ?? []),
  ]
  const values = new Map(results.flatMap((result) => [...result.values]))
  const mistakes = results.flatMap((result) => result.mistakes)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { config: nested(values), values, file: file ?? null }
}

/** A file in the working folder counts only if it belongs to us or to root: the working folder of a root shell may belong to another user. */
function fileInPlace(): string | undefined {
  const here = 'eunomia.yaml'
  if (existsSync(here) && [0, process.getuid?.()].includes(statSync(here).uid)) return here
  return ['/etc/eunomia/eunomia.yaml'].find((file) => existsSync(file))
}

function defaults(): SourceResult {
  const values = new Map(configSettings().map((setting) => [setting.path, { value: setting.defaultValue, source: 'default' }]))
  return { values, mistakes: [] }
}

/** Builds the tree from paths. It is a Config, because every value was checked and every setting has a default. */
function nested(values: ReadonlyMap<string, SourcedValue>): Config {
  const root: Record<string, unknown> = {}
  for (const [path, { value }] of values) {
    const names = path.split('.')
    const last = names.pop() ?? path
    let section = root
    for (const name of names) section = (section[name] ??= {}) as Record<string, unknown>
    section[last] = value
  }
  return root as Config
}
