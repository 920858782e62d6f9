// The log interface of all parts, implemented by pino. Knows no format and no destination.

/** Writes one line. @param facts fields @param message fixed text without variables */
export type LogMethod = (facts: Readonly<Record<string, unknown>>, message: string) => void

/** A log. Parts get it as a dependency; there is no global one. */
export interface Logger {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}

const ignore: LogMethod = () => undefined

/** A log that discards everything. */
export const SILENT_LOGGER: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
