// Long-lived commands run their parts until a signal; a second signal ends the process at once. Failures become exit statuses.
import { CommanderError } from 'commander'
import { EunomiaError } from '../infra/process/errors.js'
import { type Lifecycle, runParts } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { printableLines } from '../infra/text/printable.js'
import { colorsFor } from './terminal/terminal-text.js'

/**
 * Runs parts until one ends or a signal comes.
 * @param signal ends the run from inside: a duration that is over, a first alert that was enough
 * @param stopTimeoutMs longest time for one part to stop; default 30 s
 * @returns why it ended
 */
export async function runUntilEnded(
  log: Logger,
  starter: (lifecycle: Lifecycle) => Promise<void>,
  signal?: AbortSignal,
  stopTimeoutMs?: number,
): Promise<string> {
  // Waiting for a signal alone does not keep a process alive.
  const keepAlive = setInterval(() => undefined, 2 ** 30)
  try {
    return await runParts(starter, {
      log,
      ...(signal === undefined ? {} : { signal }),
      ...(stopTimeoutMs === undefined ? {} : { stopTimeoutMs }),
      onForced: () => {
        log.warn({}, 'forced to end: work in progress is not finished')
        process.exit(EXIT.failed)
      },
    })
  } finally {
    clearInterval(keepAlive)
  }
}

/** Exit status of the process. */
export const EXIT = { done: 0, failed: 1, userMistake: 2 } as const

/** What helps, by the code of an error. */
const REMEDIES: Readonly<Record<string, string>> = {
  EUNOMIA_KAFKA_UNREACHABLE: 'check kafka.brokers; to start a Kafka here: eunomia stack up',
  EUNOMIA_REDIS_UNREACHABLE: 'check redis.url; to start a Redis here: eunomia stack up',
}

/** Exit status of a failure and its escaped text for stderr; null text if commander has already printed it. */
export function failureOf(error: unknown): { status: number; text: string | null } {
  if (error instanceof CommanderError) return { status: error.exitCode === 0 ? EXIT.done : EXIT.userMistake, text: null }
  if (error instanceof EunomiaError) {
    const colors = colorsFor(process.stderr)
    const remedy = REMEDIES[error.code]
    return {
      status: error.isUserMistake ? EXIT.userMistake : EXIT.failed,
      text: `${colors.red('eunomia:')} ${printableLines(error.message)}\n${remedy === undefined ? '' : `(${remedy})\n`}`,
    }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { status: EXIT.failed, text: `eunomia: a bug in Eunomia; please report it with the following\n${printableLines(stack)}\n` }
}
