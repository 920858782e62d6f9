// Abort signals made of others. Not AbortSignal.any over AbortSignal.timeout: Node holds its sources weakly, so a garbage collection removes the
// timer and a call that hangs never ends (https://github.com/nodejs/node/issues/54614). On a long-lived source, each one also leaks a little.

/** A signal that depends on others until it is released. */
export interface BoundSignal {
  readonly signal: AbortSignal
  /** Detaches the signal from its sources and its timer. Call it when the work has ended, however it did. */
  release(): void
}

/** A signal that aborts with the first of its sources, with its reason. */
export function linkedSignal(...sources: readonly AbortSignal[]): BoundSignal {
  const { controller, release } = link(sources)
  return { signal: controller.signal, release }
}

/** A signal for a call that must end in time: it aborts after `timeoutMs`, or with `source` and its reason. */
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

function link(sources: readonly AbortSignal[]): { controller: AbortController; release(): void } {
  const controller = new AbortController()
  const abort = (event: Event): void => controller.abort((event.target as AbortSignal).reason)
  for (const source of sources) {
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
