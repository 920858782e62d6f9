// Long-lived parts: how they are started, awaited and stopped, and who owns the signals.
// A part is what `startX(config, deps)` returns. Parts stop in the reverse order of their start, also after a start that failed half way.
import { within } from '../waiting/clock.js'
import { deferred } from '../waiting/waiters.js'
import type { Logger } from './logger.js'

/** A running part. */
export interface Part {
  /** Settles when the part has ended: resolves after `stop` or on its own, rejects when the part failed. */
  readonly done: Promise<void>
  /** Ends the part in good order; a second call returns the same promise. */
  stop(reason: string): Promise<void>
}

/** Given to the starter of a process: puts parts under care as they start. */
export interface PartCare {
  /** Starts a part and keeps it. The run ends when any part ends or fails. */
  start<P extends Part>(name: string, starter: () => Promise<P>): Promise<P>
  /** Keeps something that only needs an end: a connection, a server. Ends in the same reverse order. */
  keep(name: string, end: (reason: string) => Promise<void>): void
  /** Aborted when the run is to end; for starters that wait. */
  readonly signal: AbortSignal
}

/** What {@link runParts} needs besides the starter. */
export interface RunOptions {
  readonly log: Logger
  /** Longest time for one part to stop. After it the next part is stopped and the run fails. Default 30 s. */
  readonly stopTimeoutMs?: number
  /** Ends the run from outside, as a signal would. */
  readonly signal?: AbortSignal
  /** What a second signal does; the command line ends the process. */
  readonly onForced: () => void
  /** Where signals come from; a test's own emitter, else the process. */
  readonly signals?: Pick<NodeJS.Process, 'on' | 'off'>
}

interface Kept {
  readonly name: string
  readonly end: (reason: string) => Promise<void>
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs parts until one ends, a signal comes or `options.signal` is aborted; then stops all in reverse order. The first signal starts an orderly stop, the
 * second calls `onForced`.
 * @returns why the run ended
 * @throws what a starter or a part threw first; errors of stopping only when nothing failed before
 */
export async function runParts(starter: (care: PartCare) => Promise<void>, options: RunOptions): Promise<string> {
  const kept: Kept[] = []
  const failures: unknown[] = []
  const ending = endingOf(options)
  const starting = starter(careOf(kept, failures, ending)).catch((error: unknown) => {
    // A failure after the end was requested is a consequence of the end: a closed connection, an interrupted wait.
    if (!ending.signal.aborted) failures.push(error)
    ending.end('start failed')
  })
  const reason = await ending.reason
  await stopAll(kept, reason, failures, options)
  // A start that still waits (for a broker) was ended through its signal. Parts that started late stop now.
  await stopOne({ name: 'the start', end: () => starting }, reason, failures, options)
  await stopAll(kept, reason, failures, options)
  ending.close()
  if (failures.length > 0) throw failures[0]
  return reason
}

function careOf(kept: Kept[], failures: unknown[], ending: Ending): PartCare {
  return {
    signal: ending.signal,
    start: async (name, startPart) => {
      ending.signal.throwIfAborted()
      const part = await startPart()
      kept.push({ name, end: async (reason) => await part.stop(reason) })
      part.done.then(
        () => ending.end(`${name} ended`),
        (error: unknown) => {
          failures.push(error)
          ending.end(`${name} failed`)
        },
      )
      return part
    },
    keep: (name, end) => {
      kept.push({ name, end })
    },
  }
}

async function stopAll(kept: Kept[], reason: string, failures: unknown[], options: RunOptions): Promise<void> {
  for (let part = kept.pop(); part !== undefined; part = kept.pop()) await stopOne(part, reason, failures, options)
}

interface Ending {
  readonly signal: AbortSignal
  readonly reason: Promise<string>
  end(reason: string): void
  close(): void
}

/** The one end of a run: the first reason counts. */
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

async function stopOne(part: Kept, reason: string, failures: unknown[], options: RunOptions): Promise<void> {
  const timeoutMs = options.stopTimeoutMs ?? 30_000
  try {
    if (!(await within(timeoutMs, part.end(reason)))) throw new Error(`${part.name} did not stop within ${String(timeoutMs)} ms`)
  } catch (error) {
    // A part that failed often can't stop either: the first failure is reported, this one is only logged.
    options.log.warn({ part: part.name, err: error }, 'part did not stop in good order')
    failures.push(error)
  }
}
