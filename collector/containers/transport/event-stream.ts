// Keeps an event stream of a runtime open: reopens it with backoff when it ends, so that a runtime that starts later, or restarts, is picked up.
// The listener is called at each opening, and finds what happened while the stream was closed. Knows no protocol.
import { Backoff } from '../../../infra/waiting/backoff.js'
import { type RuntimeEvent, type RuntimeEvents, type ContainerRuntime, isAbsence } from '../runtime.js'
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'

/** Settings of the stream. */
export interface FollowConfig {
  /** First wait before the stream is opened again, doubled up to `maxBackoffMs`; default 100. */
  readonly minBackoffMs: number
  /** Longest wait: how late a runtime that comes later is found; default 2,000. */
  readonly maxBackoffMs: number
}

/** What the stream tells besides events. */
interface FollowListener {
  onEvent(event: RuntimeEvent): void
  /** The stream ended or could not be opened; told for each attempt. */
  onUnreachable(error: unknown): void
}

/**
 * One life of a stream: opens it, calls `opened` when it is open, tells events, and resolves or rejects at its end. An abort of `signal`
 * ends it.
 */
type ReadStream = (opened: () => void, signal: AbortSignal) => Promise<void>

/** Opens the stream and keeps it open until `stop`. */
function followStream(config: FollowConfig, listener: FollowListener, read: ReadStream): RuntimeEvents {
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

/** Who is told of a stream. */
interface FollowReported {
  readonly report: ConnectionReport
  readonly counters: { disconnects: number }
  readonly listener: (event: RuntimeEvent) => void
}

/** Follows the stream until `stop`. */
export function followReported(config: FollowConfig, { report, counters, listener }: FollowReported, read: ReadStream): RuntimeEvents {
  const told = {
    onEvent(event: RuntimeEvent): void {
      if (event.type === 'connected') report.there()
      listener(event)
    },
    onUnreachable(error: unknown): void {
      report.away(error)
      counters.disconnects = report.disconnects
      listener({ type: 'disconnected' })
    },
  }
  return followStream(config, told, read)
}

/** The report. */
export class ConnectionReport {
  /** Times the event stream ended or did not open. */
  disconnects = 0
  readonly #runtime: ContainerRuntime['name']
  readonly #socketPath: string
  readonly #log: Logger
  #isReported = false
  #wasThere = false

  constructor(runtime: ContainerRuntime['name'], socketPath: string, log: Logger) {
    this.#runtime = runtime
    this.#socketPath = socketPath
    this.#log = log
  }

  /** The stream ended or did not open. */
  away(error: unknown): void {
    this.disconnects++
    if (this.#isReported || (!this.#wasThere && isAbsence(error))) return
    this.#isReported = true
    this.#log.warn(
      { runtime: this.#runtime, socketPath: this.#socketPath, reason: messageOf(error) },
      'containers have no names and images: their runtime does not answer; trying on',
    )
  }

  /** The stream is open. */
  there(): void {
    this.#log.info({ runtime: this.#runtime, socketPath: this.#socketPath }, 'container runtime connected')
    this.#isReported = false
    this.#wasThere = true
  }
}
