// What is wrong with a configuration: all mistakes of all sources in one error, each with its place.
import { EunomiaError } from '../process/errors.js'

/** One mistake. */
export interface ConfigMistake {
  /** `eunomia.yaml:3:5`, `environment EUNOMIA_X`, `flag --x`. */
  readonly place: string
  /** What was found, what is expected, and what is near. */
  readonly message: string
}

/** Settings that can't be used. */
export class ConfigError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONFIG_INVALID'
  static override readonly isUserMistake = true
  readonly mistakes: readonly ConfigMistake[]

  constructor(mistakes: readonly ConfigMistake[], options: { cause?: unknown } = {}) {
    super(mistakes.map(({ place, message }) => `${place}: ${message}`).join('\n'), options)
    this.mistakes = mistakes
  }
}
