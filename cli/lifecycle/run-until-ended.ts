// Long-lived commands: parts under care until a signal, with the log of the command; a second signal ends the process at once.
import { runParts, type PartCare } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { EXIT } from './failure.js'

/**
 * Runs parts until one ends or a signal comes.
 * @param signal ends the run from inside: a duration that is over, a first alert that was enough
 * @returns why it ended
 */
export async function runUntilEnded(log: Logger, starter: (care: PartCare) => Promise<void>, signal?: AbortSignal): Promise<string> {
  // Waiting for a signal alone does not keep a process alive.
  const keepAlive = setInterval(() => undefined, 2 ** 30)
  try {
    return await runParts(starter, {
      log,
      ...(signal === undefined ? {} : { signal }),
      onForced: () => {
        log.warn({}, 'forced to end: what was under way is not finished')
        process.exit(EXIT.failed)
      },
    })
  } finally {
    clearInterval(keepAlive)
  }
}
