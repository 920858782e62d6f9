// Abort signals that combine others. Not AbortSignal.any over AbortSignal.timeout: Node holds its sources weakly, so that garbage collection can
// remove the timer and a hanging call never ends (https://github.com/nodejs/node/issues/54614). It also leaks on a long-lived source.
import { setMaxListeners } from 'node:events'

/** A signal that depends on others until it is released. */
export interface BoundSignal {
  readonly signal: AbortSignal
  /** Detaches the signal from its sources and its timer. Call it after the work in any case. */
  release(): void
}

/** A signal that aborts with the first of its sources, for the same reason. */
export function linkedSignal(...sources: readonly AbortSignal[]): BoundSignal {
  const { controller, release } = link(sources)
  return { signal: controller.signal, release }
}

/** A signal for a call with a time limit: it aborts after `timeoutMs`, or with `source` for the same reason. */
export function timedSignal(timeoutMs: number, source?: AbortSignal): BoundSignal {
  const { controller, release } = link(source === undefined ? [] : [source])
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${String(timeoutMs)} ms`)), timeoutMs)
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      release()
    },
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Resolves with `work`, or as soon as the signal is aborted. Leaves no listener. */
export async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let end: () => void = () => undefined
  const abort = new Promise<void>((resolve) => (end = resolve))
  setMaxListeners(0, signal)
  signal.addEventListener('abort', end)
  try {
    await Promise.race([work, abort])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function link(sources: readonly AbortSignal[]): { controller: AbortController; release(): void } {
  const controller = new AbortController()
  const abort = (event: Event): void => controller.abort((event.target as AbortSignal).reason)
  for (const source of sources) {
    // One listener for each call in progress: Node's warning of more than ten is no leak, and not JSON in the log.
    setMaxListeners(0, source)
    if (source.aborted) controller.abort(source.reason)
    source.addEventListener('abort', abort)
  }
  return {
    controller,
    release() {
      for (const source of sources) source.removeEventListener('abort', abort)
    },
  }
}
