// Keeps an event stream of a runtime open: opens it again with backoff when it ends, so that a runtime that comes later, or restarts, is
// picked up. What happened while it was closed is found by the listener, which is told of each opening. Knows no protocol.
import { Backoff } from '../../../infra/waiting/backoff.js'
import type { RuntimeEvent, RuntimeEvents } from '../runtime.js'

/** Settings of the stream. */
export interface FollowConfig {
  /** First wait before the stream is opened again, doubled up to `maxBackoffMs`; default 100. */
  readonly minBackoffMs: number
  /** Longest wait: how late a runtime that comes later is found; default 2,000. */
  readonly maxBackoffMs: number
}

/** What the stream tells besides events. */
export interface FollowListener {
  onEvent(event: RuntimeEvent): void
  /** The stream ended or could not be opened; told for each attempt. */
  onUnreachable(error: unknown): void
}

/**
 * One life of a stream: opens it, calls `opened` when it is open, tells events, and resolves or rejects at its end. An abort of `signal`
 * ends it.
 */
export type ReadStream = (opened: () => void, signal: AbortSignal) => Promise<void>

/** Opens the stream and keeps it open until `stop`. */
export function followStream(config: FollowConfig, listener: FollowListener, read: ReadStream): RuntimeEvents {
  const stopping = new AbortController()
  const done = follow(config, listener, read, stopping.signal)
  return {
    stop: () => {
      stopping.abort()
      return done
    },
  }
}

async function follow(config: FollowConfig, listener: FollowListener, read: ReadStream, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(config.minBackoffMs, config.maxBackoffMs)
  const opened = (): void => {
    backoff.reset()
    listener.onEvent({ type: 'connected' })
  }
  while (!signal.aborted) {
    try {
      await read(opened, signal)
      if (!signal.aborted) listener.onUnreachable(new Error('the event stream ended'))
    } catch (error) {
      if (!signal.aborted) listener.onUnreachable(error)
    }
    await backoff.wait(signal)
  }
}
