// Runs a short command (mvn, tar, the format tool of Kafka). The error of a failure has its last lines.
import { spawn } from 'node:child_process'
import { StackFailedError } from '../process/errors.js'

const MAX_OUTPUT_CHARS = 16_384
const SHOWN_LINES = 12
// A stack of Java is often longer than what is shown, and the reason is above it.
const JAVA_FRAMES = /^\s+(?:at .*\)|\.\.\. \d+ more)$/gm

/** Options of one command. */
export interface CommandOptions {
  readonly cwd?: string
  /** What to do if the command is missing or fails, e.g. "apt-get install maven". */
  readonly fix: string
}

/**
 * Runs a command and returns its stdout.
 * @throws StackFailedError if it is missing or does not end with status 0
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const child = spawn(command, args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let tail = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-MAX_OUTPUT_CHARS)
    tail = (tail + text).slice(-MAX_OUTPUT_CHARS)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-MAX_OUTPUT_CHARS)
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT'
      const message = missing ? `${command} is not installed: ${options.fix}` : `${command} could not be run: ${cause.message}`
      reject(new StackFailedError(message, { cause, details: { command } }))
    })
    child.on('close', resolve)
  })
  if (status === 0) return stdout
  const shown = lastLines(tail.replace(JAVA_FRAMES, ''), SHOWN_LINES)
  throw new StackFailedError(`${command} ended with status ${String(status)}: ${options.fix}\n${shown}`, { details: { command, status } })
}

/** The last lines of a text that are not blank. */
export function lastLines(text: string, count: number): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n')
}
