// How a command ends when something went wrong: one message for what is ours to explain, a stack for our own bugs, and the exit status.
import { CommanderError } from 'commander'
import { EunomiaError } from '../../infra/process/errors.js'
import { printableLines } from '../../infra/text/printable.js'
import { colorsFor } from '../terminal/terminal-text.js'

/** Exit status of the process. */
export const EXIT = { done: 0, failed: 1, userMistake: 2 } as const

/** The exit status of a failure, and what to write to stderr, made harmless; null when it was told already (commander tells usage errors itself). */
export function failureOf(error: unknown): { status: number; text: string | null } {
  if (error instanceof CommanderError) return { status: error.exitCode === 0 ? EXIT.done : EXIT.userMistake, text: null }
  if (error instanceof EunomiaError) {
    const colors = colorsFor(process.stderr)
    return {
      status: error.isUserMistake ? EXIT.userMistake : EXIT.failed,
      text: `${colors.red('eunomia:')} ${printableLines(error.message)}\n`,
    }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { status: EXIT.failed, text: `eunomia: a bug in Eunomia; please report it with what follows\n${printableLines(stack)}\n` }
}
