// How long an event waits for the facts of its container, and how often it is looked at meanwhile.

/** Settings of the waiting. */
export interface PendingSettings {
  /**
   * From the first judgement to the one with the facts absent, milliseconds. Longer names more containers of a slow runtime, and delays
   * the alerts of those that never get facts. After an outage of the membership store it runs anew, so it must be longer than what the
   * function membership then needs to catch up.
   */
  readonly deadlineMs: number
  /**
   * After its first look, what still waits is looked at again after so long, milliseconds; twice as long each time. Shorter finds facts
   * sooner and writes what waits more often.
   */
  readonly firstRestMs: number
  /** Longest such time, milliseconds: what comes behind events that wait for long is looked at so much later. */
  readonly maxRestMs: number
  /** No facts will come any more, as at the end of a log that ends with its process: what still waits is judged at its next look. */
  readonly isEnding: boolean
}

/** The settings where nothing else is said. */
export const DEFAULT_PENDING: PendingSettings = { deadlineMs: 10_000, firstRestMs: 50, maxRestMs: 400, isEnding: false }
