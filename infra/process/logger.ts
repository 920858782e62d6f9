// The log interface of all parts: four levels, facts first, fixed message second. pino implements it unchanged.
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

/** A log that discards everything. */
export const SILENT_LOGGER: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
