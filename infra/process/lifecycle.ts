// Starts, awaits and stops the long-lived parts of a process; owns the signals. `startX(config, deps)` returns a part. Parts stop in the reverse
// order of their start, also after a partial start.
import { within } from '../waiting/clock.js'
import { deferred } from '../waiting/waiters.js'
import type { Logger } from './logger.js'

/** A running part. */
export interface Part {
  /** Resolves when the part has ended, after `stop` or on its own; rejects if it failed. */
  readonly done: Promise<void>
  /** Stops the part gracefully; a second call returns the same promise. */
  stop(reason: string): Promise<void>
}

/** Passed to the starter of a process: registers what must be stopped. */
export interface Lifecycle {
  /** Starts a part. The run ends when any part ends or fails. */
  start<P extends Part>(name: string, starter: () => Promise<P>): Promise<P>
  /** Registers the end of a connection, a server or the like, in the same reverse order. */
  onStop(name: string, stop: (reason: string) => Promise<void>): void
  /** Aborted when the run must end; for starters that wait. */
  readonly signal: AbortSignal
}

/** Options of {@link runParts}. */
export interface RunOptions {
  readonly log: Logger
  /** Longest time for one part to stop. After it, the next part is stopped and the run fails. Default 30 s. */
  readonly stopTimeoutMs?: number
  /** Ends the run from outside, as a signal would. */
  readonly signal?: AbortSignal
  /** Called at a second signal; the command line ends the process. */
  readonly onForced: () => void
  /** Source of signals: the process, or the emitter of a test. */
  readonly signals?: Pick<NodeJS.Process, 'on' | 'off'>
}

interface Stoppable {
  readonly name: string
  readonly stop: (reason: string) => Promise<void>
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs parts until one ends, a signal arrives or `options.signal` aborts, then stops all in reverse order. A second signal calls `onForced`.
 * @returns why the run ended
 * @throws the first error of a starter or a part; an error of a stop only if nothing failed before
 */
export async function runParts(starter: (lifecycle: Lifecycle) => Promise<void>, options: RunOptions): Promise<string> {
  const started: Stoppable[] = []
  const failures: unknown[] = []
  const ending = endingOf(options)
  const starting = starter(lifecycleOf(started, failures, ending)).catch((error: unknown) => {
    // A failure after the end was requested is its consequence: a closed connection, an interrupted wait.
    if (!ending.signal.aborted) failures.push(error)
    ending.end('start failed')
  })
  const reason = await ending.reason
  await stopAll(started, reason, failures, options)
  // A start that still waits (for a broker) ends through its signal. Parts that started late stop now.
  await stopOne({ name: 'the start', stop: () => starting }, reason, failures, options)
  await stopAll(started, reason, failures, options)
  ending.close()
  if (failures.length > 0) throw failures[0]
  return reason
}

function lifecycleOf(started: Stoppable[], failures: unknown[], ending: Ending): Lifecycle {
  return {
    signal: ending.signal,
    start: async (name, startPart) => {
      ending.signal.throwIfAborted()
      const part = await startPart()
      started.push({ name, stop: async (reason) => await part.stop(reason) })
      part.done.then(
        () => ending.end(`${name} ended`),
        (error: unknown) => {
          failures.push(error)
          ending.end(`${name} failed`)
        },
      )
      return part
    },
    onStop: (name, stop) => {
      started.push({ name, stop })
    },
  }
}

async function stopAll(started: Stoppable[], reason: string, failures: unknown[], options: RunOptions): Promise<void> {
  for (let part = started.pop(); part !== undefined; part = started.pop()) await stopOne(part, reason, failures, options)
}

interface Ending {
  readonly signal: AbortSignal
  readonly reason: Promise<string>
  end(reason: string): void
  close(): void
}

/** The end of a run; the first reason counts. */
function endingOf(options: RunOptions): Ending {
  const abort = new AbortController()
  const signals = options.signals ?? process
  const reason = deferred<string>()
  const end = (why: string): void => {
    reason.resolve(why)
    abort.abort()
  }
  let received = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    received += 1
    if (received > 1) options.onForced()
    else end(signal)
  }
  const onOutside = (): void => end('end requested')
  for (const name of SIGNALS) signals.on(name, onSignal)
  options.signal?.addEventListener('abort', onOutside)
  if (options.signal?.aborted === true) onOutside()
  return {
    signal: abort.signal,
    reason: reason.promise,
    end,
    close: () => {
      for (const name of SIGNALS) signals.off(name, onSignal)
      options.signal?.removeEventListener('abort', onOutside)
    },
  }
}

async function stopOne(part: Stoppable, reason: string, failures: unknown[], options: RunOptions): Promise<void> {
  const timeoutMs = options.stopTimeoutMs ?? 30_000
  try {
    if (!(await within(timeoutMs, part.stop(reason)))) throw new Error(`${part.name} did not stop within ${String(timeoutMs)} ms`)
  } catch (error) {
    // A part that failed often can't stop either. The first failure is thrown, this one is only logged.
    options.log.warn({ part: part.name, err: error }, 'part did not stop gracefully')
    failures.push(error)
  }
}
