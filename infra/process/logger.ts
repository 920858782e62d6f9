// What a part needs of a log: four levels, facts first, fixed message second. pino fits it as it is; so does a test's own.
// Knows no format and no destination.

/** Writes one line: `facts` are fields, `message` is fixed text without variables. */
export type LogMethod = (facts: Readonly<Record<string, unknown>>, message: string) => void

/** A log that parts are given; nobody reaches for a global one. */
export interface Logger {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}

const ignore: LogMethod = () => undefined

/** A log that keeps nothing. */
export const SILENT_LOGGER: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
