// Settings from flags (those of the command, and `--set path=value`) and from the environment.
import { type ConfigMistake, mistakeOf, type SourcedValue, type SourceResult, unknownSetting, valueOfText } from './setting-value.js'
import { configSettings } from './setting.js'

/** A flag for a setting. */
export interface ConfigFlag {
  /** As written, for messages: `--rules`. */
  readonly flag: string
  /** Path of the setting. */
  readonly path: string
  /** Text from the command line, or a converted value. */
  readonly value: unknown
}

/** Parses the argument of `--set`. */
export function flagOfSet(text: string): ConfigFlag {
  const at = text.indexOf('=')
  return at < 0
    ? { flag: `--set ${text}`, path: text, value: undefined }
    : { flag: '--set', path: text.slice(0, at), value: text.slice(at + 1) }
}

/** Reads flags. The last one for a setting counts. */
export function readFlags(flags: readonly ConfigFlag[]): SourceResult {
  const values = new Map<string, SourcedValue>()
  const mistakes: ConfigMistake[] = []
  const byPath = new Map(configSettings().map((setting) => [setting.path, setting]))
  for (const { flag, path, value } of flags) {
    const place = `flag ${flag}`
    const setting = byPath.get(path)
    if (setting === undefined && value === undefined) {
      mistakes.push({ place, message: `expected NAME=VALUE: ${unknownSetting(path, byPath.keys(), place).message}` })
    } else if (setting === undefined) {
      mistakes.push(unknownSetting(path, byPath.keys(), place))
    } else if (value === undefined) {
      mistakes.push({ place, message: `expected ${path}=VALUE: ${setting.expectation}` })
    } else {
      const parsed = typeof value === 'string' ? valueOfText(setting, value) : value
      const mistake = mistakeOf(setting, parsed, place)
      if (mistake === undefined) values.set(path, { value: parsed, source: place })
      else mistakes.push(mistake)
    }
  }
  return { values, mistakes }
}

/** Variables that are not settings. */
const OTHER_VARIABLES = ['EUNOMIA_CONFIG', 'EUNOMIA_CACHE', 'EUNOMIA_SHARED', 'EUNOMIA_SETUP_FOR']

/** Kubernetes sets such variables in every pod of a namespace with a service named eunomia or eunomia-something. */
const SERVICE_LINK = /^EUNOMIA_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)$/

/** Reads the environment. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): SourceResult {
  const values = new Map<string, SourcedValue>()
  const mistakes: ConfigMistake[] = []
  const byName = new Map(configSettings().map((setting) => [setting.environment, setting]))
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('EUNOMIA_') || text === undefined || OTHER_VARIABLES.includes(name)) continue
    const place = `environment ${name}`
    const setting = byName.get(name)
    if (setting === undefined) {
      if (!SERVICE_LINK.test(name) && !name.startsWith('EUNOMIA_TEST_')) mistakes.push(unknownSetting(name, byName.keys(), place))
      continue
    }
    const value = valueOfText(setting, text)
    const mistake = mistakeOf(setting, value, place)
    if (mistake === undefined) values.set(setting.path, { value, source: place })
    else mistakes.push(mistake)
  }
  return { values, mistakes }
}
