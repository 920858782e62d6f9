// One signal for a call that must end in time: aborts with its source, or when the time is over. Not AbortSignal.any over AbortSignal.timeout:
// Node holds the sources of the former weakly, so a garbage collection takes the timer away, and a call that hangs hangs for ever
// (https://github.com/nodejs/node/issues/54614).

/** A signal with a timer, until it is released. */
export interface TimedSignal {
  readonly signal: AbortSignal
  /** Ends the timer and takes the signal off its source. To be called when the call has ended, however it did. */
  release(): void
}

/** @param source aborts it too; its reason is handed on */
export function timedSignal(timeoutMs: number, source?: AbortSignal): TimedSignal {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${String(timeoutMs)} ms`)), timeoutMs)
  const abort = (): void => controller.abort(source?.reason)
  if (source?.aborted === true) abort()
  source?.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      source?.removeEventListener('abort', abort)
    },
  }
}
