// Holds an event stream of a runtime open: reopens it with backoff when it ends, so that a runtime that starts later or restarts is picked up.
// The listener is called at each opening, and queries what happened while the stream was closed. Knows no protocol.
import { statSync } from 'node:fs'
import { Backoff } from '../../../infra/waiting/backoff.js'
import { type RuntimeEvent, type RuntimeEvents, type ContainerRuntime, isAbsence } from '../runtime.js'
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'

/** Settings of the stream. */
export interface FollowConfig {
  /** First wait before the stream is reopened, doubled up to `maxBackoffMs`; default 100. */
  readonly minBackoffMs: number
  /** Longest wait, and so the delay until a runtime that starts later is found; default 2,000. */
  readonly maxBackoffMs: number
}

/** Receives events and failures of the stream. */
interface FollowListener {
  onEvent(event: RuntimeEvent): void
  /** The stream ended or could not be opened; called for each attempt. */
  onUnreachable(error: unknown): void
}

/**
 * One connection of a stream: opens it, calls `opened` when it is open, emits events, and resolves or rejects at its end. An abort of `signal`
 * ends it.
 */
type ReadStream = (opened: () => void, signal: AbortSignal) => Promise<void>

/** Opens the stream and holds it open until `stop`. */
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

/** Receivers of a stream's events and state. */
interface FollowReported {
  readonly report: ConnectionReport
  readonly counters: { disconnects: number }
  readonly listener: (event: RuntimeEvent) => void
}

/** Follows the stream until `stop`. */
export function followReported(config: FollowConfig, { report, counters, listener }: FollowReported, read: ReadStream): RuntimeEvents {
  const reporting = {
    onEvent(event: RuntimeEvent): void {
      if (event.type === 'connected') report.connected()
      listener(event)
    },
    onUnreachable(error: unknown): void {
      report.unreachable(error)
      counters.disconnects = report.disconnects
      listener({ type: 'disconnected' })
    },
  }
  return followStream(config, reporting, async (opened, signal) => {
    // Most hosts have one runtime, and the sockets of the others are looked for as long as the collector runs: a connection that fails costs far more.
    // Not access(2), which ignores the capabilities of a collector that is not root. Without a pause: the first list of the containers follows.
    statSync(report.socketPath)
    await read(opened, signal)
  })
}

/** Logs when a runtime becomes reachable or unreachable, once per change. */
export class ConnectionReport {
  /** Times the event stream ended or did not open. */
  disconnects = 0
  readonly #runtime: ContainerRuntime['name']
  readonly socketPath: string
  readonly #log: Logger
  #isReported = false
  #wasConnected = false

  constructor(runtime: ContainerRuntime['name'], socketPath: string, log: Logger) {
    this.#runtime = runtime
    this.socketPath = socketPath
    this.#log = log
  }

  /** The stream ended or did not open. */
  unreachable(error: unknown): void {
    this.disconnects++
    if (this.#isReported || (!this.#wasConnected && isAbsence(error))) return
    this.#isReported = true
    this.#log.warn(
      { runtime: this.#runtime, socketPath: this.socketPath, reason: messageOf(error) },
      'containers have no names and images: their runtime does not answer; retrying',
    )
  }

  /** The stream is open. */
  connected(): void {
    this.#log.info({ runtime: this.#runtime, socketPath: this.socketPath }, 'container runtime connected')
    this.#isReported = false
    this.#wasConnected = true
  }
}
