// The log of a process: pino, JSON lines on stderr, or for people when stderr is a terminal. Data goes to stdout, talk goes here.
// The only file that imports pino; parts take a Logger (infra/process/logger.ts) and know no more.
import pino, { type Logger as PinoLogger } from 'pino'
import pretty from 'pino-pretty'
import { EunomiaError } from './errors.js'
import { printable, printableJson } from '../text/printable.js'

/** How to log. */
export interface LogOptions {
  /** Least level that is written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** For people: colours, short times. Default: stderr is a terminal. */
  readonly isPretty?: boolean
  /** Where lines go; default stderr. */
  readonly destination?: NodeJS.WritableStream
}

/** Makes the log that a command hands to its parts. Lines are written at once, so none is lost when the process ends. */
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
  const forMachines = { ...settings, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: printableJson } }
  return pino(forMachines, options.destination ?? pino.destination({ dest: 2, sync: true }))
}

/** Facts of anything thrown: our own errors by code and details, others with their stack. */
function errorFacts(error: unknown): unknown {
  if (error instanceof EunomiaError) return { code: error.code, message: error.message, ...error.details, cause: causeOf(error) }
  if (error instanceof Error) return { type: error.name, message: error.message, stack: error.stack, cause: causeOf(error) }
  return error
}

/** Our own errors as one line for people; others whole, their stack as a list of lines. */
function errorLine(error: unknown): unknown {
  if (error instanceof EunomiaError) return `${error.message} (${error.code})`
  if (error instanceof Error) return { type: error.name, message: error.message, stack: error.stack?.split('\n'), cause: causeOf(error) }
  return error
}

/** A line of pino's before pino-pretty decodes it: no name and no text in it may break the line or move the cursor. */
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
