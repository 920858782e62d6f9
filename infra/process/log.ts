// The log of a process on stderr: JSON lines, or readable lines if stderr is a terminal. Data goes to stdout.
// The only file that imports pino; parts know only Logger (infra/process/logger.ts).
import pino, { type Logger as PinoLogger } from 'pino'
import pretty from 'pino-pretty'
import { EunomiaError } from './errors.js'
import { printable, printableJson } from '../text/printable.js'

/** Options of a log. */
export interface LogOptions {
  /** Lowest level that is written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Readable lines with colors and short times. Default: whether stderr is a terminal. */
  readonly isPretty?: boolean
  /** Default: stderr. */
  readonly destination?: NodeJS.WritableStream
}

/** Creates the log that a command passes to its parts. Lines are written synchronously, so none is lost when the process ends. */
export function createLog(options: LogOptions): PinoLogger {
  const isPretty = options.isPretty ?? process.stderr.isTTY
  const facts = isPretty ? errorLine : errorFacts
  const settings = { level: options.level, base: null, serializers: { err: facts, error: facts } }
  if (isPretty) {
    const stream = pretty({
      destination: options.destination ?? 2,
      sync: true,
      translateTime: 'HH:MM:ss.l',
      ignore: 'pid,hostname',
      singleLine: true,
      colorize: process.stderr.isTTY === true,
    })
    return pino({ ...settings, hooks: { streamWrite: harmlessForPeople } }, stream)
  }
  const forMachines = {
    ...settings,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (name: string) => ({ level: name }) },
    hooks: { streamWrite: printableJson },
  }
  return pino(forMachines, options.destination ?? pino.destination({ dest: 2, sync: true }))
}

/** An error in JSON: our own errors with code and details, others with their stack. */
function errorFacts(error: unknown): unknown {
  if (error instanceof EunomiaError) return { code: error.code, message: error.message, ...error.details, cause: causeOf(error) }
  if (error instanceof Error) return { type: error.name, message: error.message, stack: error.stack, cause: causeOf(error) }
  return error
}

/** An error in readable lines: our own errors in one line, others with their stack as a list. */
function errorLine(error: unknown): unknown {
  if (error instanceof EunomiaError) return `${error.message} (${error.code})`
  if (error instanceof Error) return { type: error.name, message: error.message, stack: error.stack?.split('\n'), cause: causeOf(error) }
  return error
}

/** Escapes a line of pino before pino-pretty decodes it: no name or text may break the line or move the cursor. */
function harmlessForPeople(line: string): string {
  const harmless: unknown = JSON.parse(line, (_key, value: unknown) => {
    if (typeof value === 'string') return printable(value)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [printable(name), inner]))
  })
  return `${JSON.stringify(harmless)}\n`
}

function causeOf(error: Error): unknown {
  return error.cause instanceof Error ? error.cause.message : undefined
}
