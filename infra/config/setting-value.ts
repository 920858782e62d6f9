// The value of one setting from one source: valid by the schema, or a mistake with the expected value.
import { EunomiaError } from '../process/errors.js'
import { nearestName } from '../text/nearest.js'
import type { Setting } from './setting.js'

/** A value and its source: `default`, a place in a file, an environment variable, a flag. */
export interface SourcedValue {
  readonly value: unknown
  readonly source: string
}

/** Values and mistakes of one source. */
export interface SourceResult {
  readonly values: ReadonlyMap<string, SourcedValue>
  readonly mistakes: readonly ConfigMistake[]
}

/** Converts text (an environment variable, `--set`) to the kind of the setting. Commas separate the items of a list; empty text unsets an optional setting. */
export function valueOfText(setting: Setting, text: string): unknown {
  if (setting.isOptional && text === '') return null
  if (setting.kind === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  if (setting.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (setting.kind === 'list') {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  }
  return text
}

/** Undefined if the value is valid. */
export function mistakeOf(setting: Setting, value: unknown, place: string): ConfigMistake | undefined {
  if (setting.isValid(value)) return undefined
  const found = setting.secrecy === 'none' ? `, found ${shown(value)}` : ''
  const near = setting.kind === 'choice' && typeof value === 'string' ? nearestName(value, setting.choices) : undefined
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  return { place, message: `${setting.path} must be ${setting.expectation}${found}${hint}` }
}

/** The mistake for an unknown name. */
export function unknownSetting(name: string, known: Iterable<string>, place: string): ConfigMistake {
  const near = nearestName(name, known)
  return { place, message: `there is no setting ${shown(name)}${near === undefined ? '' : `; did you mean ${near}?`}` }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** One mistake in the configuration. */
export interface ConfigMistake {
  /** `eunomia.yaml:3:5`, `environment EUNOMIA_X`, `flag --x`. */
  readonly place: string
  /** What was found, what is expected, and a similar name. */
  readonly message: string
}

/** The configuration is invalid. */
export class ConfigError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONFIG_INVALID'
  static override readonly isUserMistake = true
  readonly mistakes: readonly ConfigMistake[]

  constructor(mistakes: readonly ConfigMistake[], options: { cause?: unknown } = {}) {
    super(mistakes.map(({ place, message }) => `${place}: ${message}`).join('\n'), options)
    this.mistakes = mistakes
  }
}
