// One signal of two, for the time of one batch. AbortSignal.any would leave something behind on the long-lived ones for every batch.

/** A signal that is aborted with either of the sources, until it is released. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Takes it off the sources. */
  release(): void
}

/** Links a signal to two long-lived ones. */
export function linkedSignal(first: AbortSignal, second: AbortSignal): LinkedSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  if (first.aborted || second.aborted) abort()
  first.addEventListener('abort', abort)
  second.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    release() {
      first.removeEventListener('abort', abort)
      second.removeEventListener('abort', abort)
    },
  }
}
