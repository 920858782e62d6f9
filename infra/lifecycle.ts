// Long-lived parts: how they are started, awaited and stopped, and who owns the signals.
// A part is what `startX(config, deps)` returns. Parts stop in the reverse order of their start, also after a start that failed half way.

/** A running part. */
export interface Part {
  /** Settles when the part has ended: resolved after `stop` or by itself, rejected when it failed. */
  readonly done: Promise<void>
  /** Ends the part in good order; a second call returns the same promise. */
  stop(reason: string): Promise<void>
}
